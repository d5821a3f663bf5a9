"""How long texts are and which words they have."""

from __future__ import annotations

import streamlit as st

from mhub_core.charts import numbers
from mhub_core.data.records import DataSpec
from mhub_core.datasets.records import DatasetVersion
from mhub_core.exploring.records import Profile
from mhub_core.ui import charts, figures, table
from mhub_core.ui.explore import warnings
from mhub_core.ui.figures import Figure


def lengths(version: DatasetVersion, profile: Profile, data: DataSpec) -> None:
    """Draw how many words the training texts have, and how much of them a model gets."""
    told, length = profile.texts, data.input_shape[0]
    figures.show(
        [
            Figure("Shortest", f"{told['shortest']:,} words"),
            Figure("Median", f"{told['median']:,} words"),
            Figure("Longest", f"{told['longest']:,} words"),
            Figure("A model reads", f"the first {length:,}"),
            Figure("Longer, so cut", f"{told['cut']:.1%}"),
            Figure("Unknown words", f"{told['unknown']['training']:.1%}", f"{told['unknown']['test']:.1%} of the test texts"),
        ]
    )
    spec = numbers.histogram(told["edges"], told["counts"], "Words in a text")
    charts.show(spec, "Number of training texts by how many words they have.", "text_lengths")
    if profile.sampled < data.num_train:
        st.caption(f"From {profile.sampled:,} of {data.num_train:,} training texts.")
    if noted := warnings.notes(profile):
        warnings.listed(version, noted)


def frequent(profile: Profile, data: DataSpec) -> None:
    """Draw the words of each class: the most frequent ones, and those that set it apart."""
    has_classes = bool(data.classes)
    head = [table.Column("Label" if has_classes else "Texts", name=True)]
    head += [table.Column("Typical words")] if has_classes else []
    head += [table.Column("Most frequent words", wide_only=has_classes)]
    rows: list[list[table.Cell]] = [
        [
            name,
            *([", ".join(telling)] if has_classes else []),
            ", ".join(f"{word} ({count:,})" for word, count in often),
        ]
        for name, often, telling in profile.texts["words"]
    ]
    table.show(head, rows)
    if len(rows) < len(data.classes):
        st.caption(f"The first {len(rows):,} of {len(data.classes):,} labels.")
    typical = "Typical words are far more frequent with this label than with others. " if has_classes else ""
    st.caption(f"{typical}Words as a model reads them: in small letters, without punctuation except ! and ?.")
