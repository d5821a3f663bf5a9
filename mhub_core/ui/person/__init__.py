"""What is drawn of a person, and what they change of it themselves."""
