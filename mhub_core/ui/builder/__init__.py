"""The parts of the page on which a design is drawn."""
