"""Forms drawn from the catalogue: one widget for each type of argument."""
