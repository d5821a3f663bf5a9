"""People: profiles, what they take along, how they leave."""
