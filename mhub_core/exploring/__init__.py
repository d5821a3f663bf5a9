"""What is in a dataset version, what is odd about it, and which of its rows somebody asks for. Plain data, no database."""
