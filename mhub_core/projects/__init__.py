"""Projects, and what people and things have to do with each other: who is let in, who owns what."""
