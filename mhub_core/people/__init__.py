"""A person as others see them, what they own, and how they leave."""
