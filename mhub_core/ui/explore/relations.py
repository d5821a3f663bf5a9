"""How strongly the columns of a table go together."""

from __future__ import annotations

import streamlit as st

from mhub_core.charts import relations
from mhub_core.data.records import DataSpec
from mhub_core.exploring.records import Profile
from mhub_core.ui import charts, table
from mhub_core.ui.page import plain

_STRONGEST = 10
_WEAK = 0.3


def show(profile: Profile, data: DataSpec) -> None:
    """Draw a heat map, and the strongest pairs as a table."""
    names, values = profile.relations.get("names", []), profile.relations.get("values", [])
    if len(names) < 2:
        st.write("There are too few columns to compare.")
        return
    strong = sorted(
        ((value, names[i], names[j]) for i, line in enumerate(values) for j, value in enumerate(line[:i]) if value is not None),
        key=lambda pair: -abs(pair[0]),
    )
    strong = [pair for pair in strong if abs(pair[0]) >= _WEAK][:_STRONGEST]
    spoken = "; ".join(f"{one} and {other} {value:.2f}" for value, one, other in strong)
    charts.show(relations.heat_map(names, values), f"How strongly columns go together. {spoken}")
    st.caption(
        "From 0, nothing in common, to 1 or -1, one follows from the other. Two numbers: correlation, orange when one falls as "
        "the other rises. Two categories: Cramér's V. A number and a category: correlation ratio (eta). "
        f"Computed from {profile.sampled:,} training rows."
    )
    if len(data.input.get("columns", ())) + 1 > len(names):
        name = data.target["name"]
        st.caption(plain(f"Shown are the target {name} and the columns that a model uses; of many, those that tell most of it."))
    if strong:
        table.show(
            [table.Column("Column"), table.Column("With"), table.Column("Strength", number=True)],
            [(one, other, f"{value:.2f}") for value, one, other in strong],
            caption="The strongest",
        )
