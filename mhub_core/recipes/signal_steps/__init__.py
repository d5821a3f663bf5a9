"""The steps of recipes for series, one file each."""
