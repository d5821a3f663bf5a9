"""The tables, one file for each room of the core."""
