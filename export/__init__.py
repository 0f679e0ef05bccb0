"""Checkpoint to verified ONNX artefact."""
