"""Values and facts of columns in the words of people."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

KINDS = {"number": "number", "category": "category", "date": "date", "ignored": "not used"}

_LARGE, _HUGE = 1e4, 1e15  # between them all digits before the point are written


def cell(value: Any, most: int) -> str:
    """Return a value as it was written: 1931 and not 1931.0, and a day without midnight."""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return "" if value is None else (f"{value:.12g}" if isinstance(value, float) else str(value))[:most]


def number(value: float | None) -> str:
    """Return a number of a column in about five digits."""
    if value is None:
        return ""
    return f"{value:,.0f}" if _LARGE <= abs(value) < _HUGE else f"{value:,.5g}"


def missing(number_of: int, num_rows: int) -> str:
    """Return `12 (3%)`."""
    if not number_of:
        return "none"
    share = number_of / max(1, num_rows)
    return f"{number_of:,} ({'under 1%' if share < 0.005 else f'{share:.0%}'})"
