"""Files that say where in images objects lie. One file for each format, one line in the registry."""
