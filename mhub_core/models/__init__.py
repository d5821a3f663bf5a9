"""A model as people know it: a name, a description, who may see it, a draft that is being drawn, and immutable versions."""
