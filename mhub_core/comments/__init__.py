"""What people say about models, datasets and runs."""
