"""Which runs compete on a dataset version, and in what order."""
