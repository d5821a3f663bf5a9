"""Who is asking: sign-up, sign-in, sessions, throttling, forgotten passwords."""
