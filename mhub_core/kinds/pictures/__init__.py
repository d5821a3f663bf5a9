"""How the kind "images" reads, checks and decodes pictures."""
