"""A table in, a Vega-Lite spec out. Specs are drawn up with Altair once, then only filled with rows."""
