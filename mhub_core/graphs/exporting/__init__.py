"""A design on its way out: as a Python script, as a notebook, as the JSON that Keras reads. Standard library only."""
