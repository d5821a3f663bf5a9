"""The database: engine, tables and migrations. Only the core's `service.py` files import it."""
