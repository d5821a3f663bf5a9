"""Runs beside each other, as the page Compare draws them."""
