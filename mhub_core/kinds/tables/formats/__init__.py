"""How the files are read that hold a table. One file for each format, and a line in the registry."""
