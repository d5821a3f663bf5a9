"""The tests of M-Hub."""
