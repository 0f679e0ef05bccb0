"""The understanding model."""
