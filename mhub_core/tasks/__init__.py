"""Tasks: what the answer of a model is. One file for each, one line in the registry; NumPy and plain data only."""
