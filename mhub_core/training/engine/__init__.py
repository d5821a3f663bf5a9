"""Carries a training out. Knows no database and no queue: a spec and a reporter in, an outcome out."""
