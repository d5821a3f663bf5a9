"""Learners: what makes a model of data. One file for each, one line in the registry; plain data only."""
