"""Tests of the catalogue of Keras building blocks."""
