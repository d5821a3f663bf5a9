"""Libraries that are not written in Python, and give up in ways of their own on files that they did not expect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mhub_core.errors import Invalid, MHubError


@contextmanager
def refused_as(error: Invalid) -> Iterator[None]:
    """Raise an error of ours in place of all that a library raises; a panic of Rust is no Exception. Lack of memory stays."""
    try:
        yield
    except (MHubError, MemoryError):
        raise
    except Exception as met:
        raise error from met
    except BaseException as met:
        if type(met).__name__ != "PanicException":
            raise
        raise error from met
