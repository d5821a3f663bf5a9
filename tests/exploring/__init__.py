"""Looking at the data of a version."""
