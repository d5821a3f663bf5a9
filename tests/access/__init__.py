"""Who may do what: every verb, asked by everybody, of private, shared and public things."""
