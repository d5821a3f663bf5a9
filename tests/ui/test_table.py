"""Plain tables of text and links, on the page of a leaderboard."""

from __future__ import annotations

import pytest

from mhub_core.datasets import service as datasets
from tests import factories
from tests.pages.building import open_page


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_what_a_phone_has_no_column_for_is_below_the_link_there():
    ada, data = factories.person("ada"), factories.dataset()
    run_id = factories.run_row(ada, factories.model(ada, "public"), data)
    factories.finish_run(run_id, {"accuracy": 0.9})
    app = open_page("Leaderboard", dataset=datasets.require_version(None, data).dataset_id)
    html = "".join(element.proto.body for element in app.get("html"))
    assert f"</a><span class='narrow-only'>Run {run_id}</span>" in html and f"<td class='wide-only'>Run {run_id}</td>" in html
