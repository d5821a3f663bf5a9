"""How the kind "table" reads, describes and encodes rows."""
