"""The hub as a person meets it: `./mhub up` and a real browser."""
