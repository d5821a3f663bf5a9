"""The working side of every learner: how it makes a model of data, and how that model is loaded again to answer."""
