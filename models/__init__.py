"""Models in PyTorch: definitions, data, training."""
