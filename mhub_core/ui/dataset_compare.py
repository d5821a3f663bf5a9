"""Two versions of a dataset side by side."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import Column
from mhub_core.datasets import compare_service
from mhub_core.datasets.records import Comparison
from mhub_core.kinds.registry import require_kind
from mhub_core.ui import table
from mhub_core.ui.errors import errors_shown

_MAX_COLUMNS = 200
_KINDS = {"number": "number", "category": "category", "ignored": "not used"}
_TESTS = {
    "same": "Both have the same test {what}, so scores on them can be compared.",
    "other": "Their test {what} differ, so scores on one say little about scores on the other.",
    "unknown": "Their test {what} may differ, so compare scores with care.",
}


def draw(viewer: User | None, before_id: int, after_id: int) -> None:
    """Draw what changed from one version to a later one."""
    with errors_shown():
        told = compare_service.compare(viewer, before_id, after_id)
        what = _sentences(told)
        if told.columns:
            _columns(told)
        if told.targets:
            head = [table.Column("Class"), *(table.Column(f"Version {number}", number=True) for number in _numbers(told))]
            table.show(
                head, [[name, f"{old:,}", f"{new:,}"] for name, old, new in told.targets], f"{what.capitalize()} of each class"
            )


def _numbers(told: Comparison) -> tuple[int, int]:
    return told.before.number, told.after.number


def _sentences(told: Comparison) -> str:
    """Say how many came and went. Returns what they are called."""
    assert told.before.spec is not None and told.after.spec is not None
    what = require_kind(told.after.spec.kind).noun[1]
    old, new = told.before.spec, told.after.spec
    lines = [f"Version {told.before.number} has {old.num_rows:,} {what}, version {told.after.number} has {new.num_rows:,}."]
    counted = (("added", told.rows_added), ("removed", told.rows_removed), ("changed", told.rows_changed))
    known = [f"{number:,} {words}" for words, number in counted if number is not None]
    lines += [f"{what.capitalize()}: {', '.join(known)}."] if known else []
    lines.append(_TESTS[told.test].format(what=what))
    st.markdown("\n".join(f"- {line}" for line in lines))
    return what


def _columns(told: Comparison) -> None:
    head = [
        table.Column("Column", name=True),
        table.Column("Type"),
        table.Column("Missing", number=True),
        table.Column("Distinct values", number=True),
        table.Column("Mean", number=True),
    ]
    rows = []
    for name, old, new in told.columns[:_MAX_COLUMNS]:
        if old is None or new is None:
            side, word = (new, "added") if old is None else (old, "removed")
            assert side is not None
            rows.append([f"{name} ({word})", _KINDS[side.kind], f"{side.missing:,}", f"{side.distinct:,}", _mean(side)])
            continue
        facts = (
            [_KINDS[one.kind] for one in (old, new)],
            [f"{one.missing:,}" for one in (old, new)],
            [f"{one.distinct:,}" for one in (old, new)],
            [_mean(one) for one in (old, new)],
        )
        rows.append([name, *(_change(*pair) for pair in facts)])
    table.show(head, rows, f"From version {told.before.number} to version {told.after.number}")
    if len(told.columns) > _MAX_COLUMNS:
        st.caption(f"The first {_MAX_COLUMNS} of {len(told.columns):,} columns.")


def _mean(column: Column) -> str:
    return "" if column.mean is None else f"{column.mean:,.4g}"


def _change(old: str, new: str) -> str:
    return new if old == new else f"{old or '–'} → {new or '–'}"
