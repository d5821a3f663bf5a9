"""Data: bring it in, look at it, prepare it, version it."""
