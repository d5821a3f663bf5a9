"""Reads a Python script that builds a Keras model: follows its lines with an interpreter of our own that knows only models."""
