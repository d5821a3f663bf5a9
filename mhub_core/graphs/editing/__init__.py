"""The verbs that change a design, gathered in `mhub_core.graphs.edit`."""
