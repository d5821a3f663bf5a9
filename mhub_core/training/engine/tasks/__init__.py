"""What Keras needs of each task: the metric of its curve, and the layer that turns what was learned into an answer."""
