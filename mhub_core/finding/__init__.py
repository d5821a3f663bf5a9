"""One search over everything: models, datasets, projects, runs, people."""
