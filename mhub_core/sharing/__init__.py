"""Who may see, edit and manage what."""
