"""The columns of a table: a list with a small chart each, and one column by itself."""

from __future__ import annotations

import streamlit as st

from mhub_core.charts import against as drawn
from mhub_core.charts import bars, numbers
from mhub_core.data.records import Column, DataSpec
from mhub_core.datasets.records import DatasetVersion
from mhub_core.exploring.records import ColumnFacts, Profile
from mhub_core.kinds.table import columns
from mhub_core.kinds.tables import dates
from mhub_core.ui import address, charts, figures, links, table
from mhub_core.ui.explore import warnings
from mhub_core.ui.explore.cells import KINDS, missing, number
from mhub_core.ui.explore.where import here
from mhub_core.ui.figures import Figure
from mhub_core.ui.page import plain

_MAX_LISTED = 300


def show(version: DatasetVersion, data: DataSpec, profile: Profile | None) -> None:
    """Draw the column that the address names, else all. Without a profile, what was known when the version was made."""
    if profile is None:
        _known(data)
        return
    name = address.value("column", "", address.one_of([column.name for column in profile.columns]))
    if chosen := profile.column(name):
        _one(version, data, profile, chosen)
    else:
        _all(version, data, profile)


def _all(version: DatasetVersion, data: DataSpec, profile: Profile) -> None:
    head = [
        table.Column("Column", name=True),
        table.Column("Type"),
        table.Column("Distribution"),
        table.Column("Missing", number=True),
        table.Column("Distinct", number=True),
        table.Column("Values", wide_only=True),
        table.Column("Tells of the target", number=True),
    ]
    cells: list[list[table.Cell]] = [
        [
            table.To(column.name or "(no name)", "Dataset", tuple(here(version, tab="Columns", column=column.name).items())),
            "target" if column.is_target else "not used" if column.unused else KINDS[column.kind],
            table.Bars(_heights(column)),
            missing(column.missing, column.num_rows),
            f"{column.distinct:,}",
            _values(column),
            "" if column.strength is None else f"{column.strength:.0%}",
        ]
        for column in profile.columns[:_MAX_LISTED]
    ]
    table.show(head, cells)
    if profile.left_out:
        st.caption(f"The first {len(profile.columns):,} of {len(profile.columns) + profile.left_out:,} columns.")
    st.caption(
        f"All figures are those of the {data.num_train:,} training rows. The last column says how much of the target "
        f"{plain(data.target['name'])} this column alone predicts on rows set aside: 0% nothing, 100% everything. Numbers are "
        "scaled to be comparable (standardized); each category becomes a column of its own, with 1 for yes and 0 for no."
    )
    if noted := warnings.notes(profile):
        warnings.listed(version, noted)


def _heights(column: ColumnFacts) -> tuple[float, ...]:
    counts = column.counts or tuple(rows for _, rows in column.top)
    return tuple(count / max(counts) for count in counts) if counts else ()


def _values(column: ColumnFacts) -> str:
    if column.mean is not None:
        return f"{number(column.minimum)} to {number(column.maximum)}, mean {number(column.mean)}"
    shown = ", ".join(value for value, _ in column.top[:5])
    return f"{shown}, …" if column.distinct > 5 else shown


def _one(version: DatasetVersion, data: DataSpec, profile: Profile, column: ColumnFacts) -> None:
    """Draw one column: what was found, its figures, its values, and the target against it."""
    links.show([links.to_html("Dataset", "◀ All columns", **here(version, tab="Columns"))])
    st.subheader(plain(column.name) or "(no name)")
    if found := [finding for finding in profile.findings if finding.column == column.name]:
        warnings.listed(version, found)
    figures.show(_figures(column))
    left, right = st.columns(2)
    with left:
        _distribution(column)
    with right:
        _target(data, column)


def _figures(column: ColumnFacts) -> list[Figure]:
    told = [Figure("Type", KINDS[column.kind]), Figure("Missing", missing(column.missing, column.num_rows))]
    told.append(Figure("Distinct values", f"{column.distinct:,}"))
    if column.mean is not None:
        first, median, third = column.quartiles
        told += [Figure("Mean", number(column.mean)), Figure("Standard deviation", number(column.std))]
        told += [
            Figure("Minimum", number(column.minimum)),
            Figure("25% are below", number(first)),
            Figure("Median", number(median)),
        ]
        told += [Figure("75% are below", number(third)), Figure("Maximum", number(column.maximum))]
    return told


def _distribution(column: ColumnFacts) -> None:
    if column.counts:
        spec = numbers.histogram(column.edges, column.counts, plain(column.name))
        charts.show(spec, f"Histogram of {column.name}.", "column_values")
    elif column.top:
        values, counts = [value for value, _ in column.top], [rows for _, rows in column.top]
        words = f"Most frequent values of {column.name}: " + ", ".join(f"{value} {rows:,}" for value, rows in column.top)
        charts.show(bars.class_balance(values, counts), words, "column_values")
        if column.num_others:
            more = column.distinct - len(column.top)
            st.caption(f"{column.num_others:,} more rows have one of {more:,} other values.")


def _target(data: DataSpec, column: ColumnFacts) -> None:
    target = data.target["name"]
    if column.is_target:
        st.write("This is the target: a model learns to predict it.")
        return
    if column.against is None:
        return
    form, rows = column.against["form"], column.against["rows"]
    words = f"The target {target} against {column.name}."
    spec = {
        "boxes": lambda: drawn.boxes(rows, column.name if data.classes else target),
        "shares": lambda: drawn.shares(rows),
        "points": lambda: drawn.points(rows, column.name, target),
    }[form]()
    charts.show(spec, words, "column_target")
    meant = {
        "boxes": "The line spans 5% to 95% of the rows, the box 25% to 75%, and the mark is the median.",
        "shares": "For each value, the share of its rows that each class has.",
        "points": f"Each dot is a training row, {len(rows):,} of them.",
    }[form]
    tells = f" {column.name} alone predicts {column.strength:.0%} of it." if column.strength is not None else ""
    st.caption(plain(f"{words} {meant}{tells}"))


def _known(data: DataSpec) -> None:
    """Draw what each column is, and how much of it is missing, as it was found when the version was made."""
    head = [table.Column("Column"), table.Column("Type"), table.Column("Missing", number=True)]
    head += [table.Column("Distinct values", number=True), table.Column("Values", wide_only=True)]
    cells = [
        [column.name, KINDS[column.kind], missing(column.missing, data.num_rows), f"{column.distinct:,}", _facts(column)]
        for column in columns(data)[:_MAX_LISTED]
    ]
    table.show(head, cells)


def _facts(column: Column) -> str:
    """Return the range of a number or of a date, or the first categories."""
    if column.kind == "category":
        shown = ", ".join(column.categories[:6])
        return f"{shown}, …" if len(column.categories) > 6 else shown
    if column.mean is None or column.minimum is None or column.maximum is None:
        return ""
    if column.kind == "date":
        return f"{dates.shown(column.minimum)} to {dates.shown(column.maximum)}"
    unit = f" {plain(column.unit)}" if column.unit else ""
    return f"{number(column.minimum)} to {number(column.maximum)}{unit}, mean {number(column.mean)}"
