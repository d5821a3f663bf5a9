"""Reads an architecture that somebody brings along, as a file or as text, into a design. Nothing in it is ever run."""
