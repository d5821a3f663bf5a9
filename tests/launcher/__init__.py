"""The launcher and the supervisor: real processes in a temporary home."""
