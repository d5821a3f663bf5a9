"""Kinds of data: what one example is. One file for each, one line in the registry; NumPy and plain data only."""
