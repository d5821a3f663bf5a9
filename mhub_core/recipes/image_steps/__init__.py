"""The steps for images, one per file."""
