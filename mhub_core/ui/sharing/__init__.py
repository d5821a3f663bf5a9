"""Who may do what with a thing, on its page: people, projects, and the way to give up what one was given."""
