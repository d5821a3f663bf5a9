"""The list of runs: what narrows it, its columns, and what is done with ticked rows."""
