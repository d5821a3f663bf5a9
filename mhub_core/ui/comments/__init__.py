"""What people say about a thing, as a window at the end of its page."""
