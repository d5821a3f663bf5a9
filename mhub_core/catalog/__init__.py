"""The list of building blocks: every public Keras class and its arguments, generated from the installed Keras."""
