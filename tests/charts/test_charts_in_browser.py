"""Charts as a browser draws them: none of them makes Vega complain on the console, and new rows stand in their own order."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import chromium
from tests.server.small_app import served

pytestmark = pytest.mark.slow

APP = """
import math
import streamlit as st
from mhub_core.charts import bars, compare, curves, numbers
from mhub_core.ui import charts

def curve(count):
    return {"loss": [(n, 1 / n) for n in range(1, count)], "val_loss": [(n, 1 / n + n / 90) for n in range(1, count)]}

charts.show(curves.curves(curve(5), "loss", "Few epochs"), "few")
charts.show(curves.curves(curve(90), "loss", "Many epochs"), "many")
charts.show(curves.curves({"loss": [(1, math.nan)]}, "loss", "Nothing finite"), "nothing")
charts.show(bars.class_balance(["a", "b"], [3, 5]), "balance")
charts.show(bars.class_balance([], []), "no classes")
charts.show(numbers.histogram([0, 1, 2], [3, 5], "Age"), "ages")
charts.show(numbers.truth_against_answer([1.0, 2.0], [1.1, 1.9]), "predictions")
lines = [compare.Line(run, kind, [(1, 0.9), (2, 0.5)]) for run in ("3", "7") for kind in ("training", "validation")]
charts.show(compare.overlaid(lines, ["3", "7"], "Loss", "Epoch"), "curves of runs")
charts.show(compare.scatter([{"run": run, "x": int(run), "y": 0.5} for run in ("3", "7")], ["3", "7"], "x", "y"), "dots")
charts.show(compare.parallel({"Epochs": {"3": 1.0, "7": 2.0}, "Accuracy": {"3": 0.5, "7": 0.6}}, ["3", "7"]), "parallel")
charts.show(compare.difference([[1, 0], [0, 1]], [[0, 1], [0, 1]], ["a", "b"]), "difference")
st.write("all is drawn")
"""


def test_no_chart_warns_of_anything_and_one_without_rows_is_not_drawn(tmp_path: Path) -> None:
    told: list[str] = []
    with served(tmp_path, APP) as address, chromium.browser() as browser:
        page = browser.new_page()
        page.on("console", lambda message: told.append(message.text) if message.type in ("warning", "error") else None)
        page.goto(f"http://{address}/")
        expect(page.get_by_text("all is drawn")).to_be_visible(timeout=60_000)
        expect(page.locator("[data-testid='stVegaLiteChart'] svg, [data-testid='stVegaLiteChart'] canvas")).to_have_count(
            9, timeout=60_000
        )
    assert [words for words in told if "WARN" in words or "extent" in words] == []


TWICE = """
import streamlit as st
from mhub_core.charts import bars
from mhub_core.ui import charts

again = st.button("Another example")
charts.show(bars.confidences(["cat", "dog", "owl"], [0.2, 0.1, 0.7] if again else [0.1, 0.8, 0.1]), "confidences")
"""


def test_the_surest_class_stands_first_after_another_example_too(tmp_path: Path) -> None:
    def names(page: Page) -> list[str]:
        texts: list[str] = page.locator("[data-testid='stVegaLiteChart'] .role-axis-label text").all_text_contents()
        return [text for text in texts if text.isalpha()]

    with served(tmp_path, TWICE) as address, chromium.browser() as browser:
        page = browser.new_page()
        page.goto(f"http://{address}/")
        expect(page.get_by_text("80.0%")).to_be_visible(timeout=60_000)
        assert names(page)[0] == "dog"
        page.get_by_text("Another example").click()
        expect(page.get_by_text("70.0%")).to_be_visible(timeout=60_000)
        assert names(page) == ["owl", "cat", "dog"]
