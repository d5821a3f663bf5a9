"""Texts with labels: what a word is, which words a model knows, and how a column of texts becomes arrays."""
