"""What people say about models, datasets, runs and projects."""
