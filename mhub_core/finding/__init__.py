"""One search over everything: models, datasets, runs, people."""
