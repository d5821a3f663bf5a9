"""The engine of the graph room: designs become Keras, and tell what they cost. Imports Keras."""
