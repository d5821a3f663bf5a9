"""Recipes: how a version of a table is made of another, step by step. Pure polars on plain data."""
