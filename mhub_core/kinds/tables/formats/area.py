"""Which cells of a sheet are read: a range as people write it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mhub_core.errors import Invalid
from mhub_core.kinds.tables.formats.sheet_xml import column_number

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})?(?::\$?([A-Z]{1,3})\$?([0-9]{1,7})?)?$")


@dataclass(frozen=True)
class Area:
    """Rows and columns from 1, both ends included."""

    first_row: int = 1
    last_row: int = LAST_ROW
    first_column: int = 1
    last_column: int = LAST_COLUMN


def read_area(written: str) -> Area:
    """Return the range that a person wrote, such as `A3:F200`, `B:F` or `A3`. Raises Invalid."""
    if not written.strip():
        return Area()
    found = _RANGE.match(written.strip().upper())
    if found:
        first, top, last, bottom = found.groups()
        area = Area(int(top or 1), int(bottom or LAST_ROW), column_number(first), column_number(last) if last else LAST_COLUMN)
        if 0 < area.first_row <= area.last_row <= LAST_ROW and area.first_column <= area.last_column <= LAST_COLUMN:
            return area
    raise Invalid(
        f"{written[:40]!r} is not a range of cells.",
        "The first and the last cell, such as A3:F200, or columns, such as B:F.",
        "Correct the range, or leave it empty to read the whole sheet.",
    )
