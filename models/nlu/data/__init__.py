"""Its training sentences."""
