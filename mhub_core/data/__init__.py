"""What a ready dataset version is, as plain facts that every room above may know: its arrays, its input, its target."""
