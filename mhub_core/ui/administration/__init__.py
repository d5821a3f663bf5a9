"""The parts of the page for administrators."""
