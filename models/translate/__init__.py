"""The household translator: its sentences, its vocabulary, its training."""
