"""The inference runtime: verified artefacts on ONNX Runtime. No torch."""
