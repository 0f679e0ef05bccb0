"""The encoder-decoder Transformer, written once and used three ways."""
