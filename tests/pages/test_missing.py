"""An address that names what does not exist, or what somebody else keeps private: both look the same, and lead on."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.models import service as models
from tests import factories
from tests.pages.building import open_page, words

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


def private_things(owner: User) -> dict[str, int]:
    """Make a model, a dataset and a run that nobody else may see, and a public model and dataset. Returns the private ids."""
    factories.finish_run(factories.run_row(owner, factories.model(owner), factories.dataset()), {"accuracy": 0.9})
    version, data = factories.model(owner, "private", "Secret net"), factories.dataset(owner, "private", "Secret data")
    return {
        "model": models.require_version(owner, version).model_id,
        "dataset": datasets.require_version(owner, data).dataset_id,
        "run": factories.run_row(owner, version, data),
    }


def everything(app: AppTest) -> list[str]:
    """Return all that a page shows: words, titles, links and what can be chosen."""
    shown = [words(app), *(element.proto.body for element in app.get("html"))]
    shown += [f"{link.proto.label} {link.proto.page} {link.proto.query_string}" for link in app.get("page_link")]
    return shown + [str(box.options) for box in app.selectbox]


@pytest.mark.parametrize(
    ("page", "name", "kind", "onward"),
    [
        ("Model", "id", "model", "All models"),
        ("Builder", "model", "model", "All models"),
        ("Predict", "model", "model", "All models"),
        ("Train", "model", "model", "All models"),
        ("Train", "dataset", "dataset", "All datasets"),
        ("Train", "run", "run", "Home, with your recent runs"),
        ("Dataset", "id", "dataset", "All datasets"),
        ("Leaderboard", "dataset", "dataset", "All leaderboards"),
        ("Run", "id", "run", "Home, with your recent runs"),
    ],
)
@pytest.mark.parametrize("is_signed_in", [True, False], ids=["somebody else", "a visitor"])
def test_what_does_not_exist_leads_to_the_list_and_looks_like_what_is_private(
    page: str, name: str, kind: str, onward: str, is_signed_in: bool
) -> None:
    ids = private_things(factories.person("ada"))
    bob = factories.person("bob") if is_signed_in else None
    missing, private = (everything(open_page(page, bob, **{name: number})) for number in (999, ids[kind]))
    assert any(f"This {kind} does not exist, or it is private." in text for text in missing)
    assert any(text.startswith(onward) for text in missing)
    assert missing == private
