"""A design as plain JSON: nodes and edges. Check it, change it, draw it, write it as Python; the engine makes it Keras."""
