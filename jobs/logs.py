"""What the workers log, without what people sent them."""

from __future__ import annotations

import logging

from dramatiq import Message, MessageProxy


def begin() -> None:
    """Log to standard error, dramatiq's words about messages without the arguments: those are what people want predicted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:  # A filter of a logger does not see what comes from loggers beneath it.
        handler.addFilter(_name_messages)


def _name_messages(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(_named(value) for value in record.args)
    return True


def _named(value: object) -> object:
    return f"{value.actor_name} ({value.message_id})" if isinstance(value, (Message, MessageProxy)) else value
