"""The workers: what runs outside the web process."""
