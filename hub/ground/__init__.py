"""Grounding: what the words mean in this home, now. Reads and never acts."""
