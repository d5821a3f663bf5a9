"""A design as plain JSON, nodes and edges: check it, change it, lay it out, write it as Python, make it Keras."""
