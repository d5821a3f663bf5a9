"""What series look like on average, how long they are, and what is missing of them."""

from __future__ import annotations

import streamlit as st

from mhub_core.charts import lines, numbers
from mhub_core.data.records import DataSpec
from mhub_core.datasets.records import DatasetVersion
from mhub_core.exploring.records import Profile
from mhub_core.ui import charts, figures
from mhub_core.ui.explore import warnings
from mhub_core.ui.figures import Figure


def means(profile: Profile, data: DataSpec) -> None:
    """Draw the mean series of each class, one chart for each channel."""
    told = profile.series
    for place, channel in enumerate(told["channels"]):
        classes = [(name, mean[place], spread[place]) for name, mean, spread in told["means"]]
        title = channel if len(told["channels"]) > 1 else ""
        words = f"The mean of {channel} over time, for {', '.join(name for name, _, _ in classes)}."
        charts.show(lines.means(classes, title, data.input_shape[0]), words)
    if len(data.classes) > len(told["means"]):
        st.caption(f"The first {len(told['means'])} of {len(data.classes):,} classes.")
    st.caption(
        "The mean of the training series, step by step, as a model gets them; the band is one standard deviation wide on each "
        "side. Where the bands lie apart, a model can tell the classes by the values alone. Where they lie on each other, the "
        "classes may still differ in their shape."
    )


def facts(version: DatasetVersion, profile: Profile, data: DataSpec) -> None:
    """Draw the lengths before all were brought to one, and the missing values."""
    told, gaps = profile.series["lengths"], profile.series["gaps"]
    figures.show(
        [
            Figure("Steps for the model", f"{data.input_shape[0]:,}"),
            Figure("Shortest", f"{told['shortest']:,}"),
            Figure("Usual (median)", f"{told['middle']:,}"),
            Figure("Longest", f"{told['longest']:,}"),
            Figure("Series with missing values", f"{gaps['series']:,}"),
            Figure("Missing values", f"{gaps['values']:,}"),
        ]
    )
    if told["shortest"] == told["longest"]:
        st.write("All training series have the same number of steps.")
    else:
        words = f"How many training series have how many steps: {told['shortest']:,} to {told['longest']:,}."
        charts.show(numbers.histogram(told["edges"], told["counts"], "Steps"), words)
    if found := warnings.notes(profile):
        warnings.listed(version, found)
