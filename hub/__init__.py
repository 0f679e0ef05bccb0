"""The hub: the road from a sentence to devices and back."""
