"""Training: what a person chose (plan) and the engine that carries it out."""
