"""Pretrained encoders to start from, and ways to make them smaller."""
