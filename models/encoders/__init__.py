"""Text encoders of Hugging Face, made smaller."""
