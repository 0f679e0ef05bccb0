"""A judge of answers: reads a question and a passage together, and says whether the one answers
the other. A small encoder, taught on pairs that are made here from parts we wrote."""
