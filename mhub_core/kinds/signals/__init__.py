"""How the kind "series" finds series in tables and arrays, brings them to one length, and encodes them."""
