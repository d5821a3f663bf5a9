"""Mail: what is to be sent waits in a table; a worker sends it through the server that the settings name."""
