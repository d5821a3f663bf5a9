"""What a public model tells of the private data that it learned from."""

import pytest

from mhub_core.errors import Forbidden
from mhub_core.evaluation import service as evaluation
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.runs import starts
from mhub_core.training.learners.registry import LEARNERS
from tests import factories

KERAS = LEARNERS["keras"]


def trained(ada, visibility):
    """Return the id of a public model's version that learned from a dataset of ada's."""
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset(ada, visibility))
    factories.finish_run(run_id, {"accuracy": 0.9})
    return runs.require_run(ada, run_id).trained_version_id


def told(viewer, version_id):
    """Return what the viewer learns of the data: on the page of the version, and in the list of its model."""
    version = models.require_version(viewer, version_id)
    [card] = [card for card in models.require_model(viewer, version.model_id).versions if card.id == version_id]
    assert card.serving == version.serving and version.trained
    return version.serving


def test_private_data_stays_private_when_its_model_is_public(ada, bob):
    version_id = trained(ada, "private")

    assert told(ada, version_id)["data"]["target"]["name"] == "species"
    for other in (None, bob):
        assert told(other, version_id) is None
        with pytest.raises(Forbidden, match="keeps its training data private"):
            evaluation.predict(other, version_id, [{}])


def test_data_that_everybody_may_see_is_told(ada):
    assert told(None, trained(ada, "public"))["data"]["kind"] == "table"


def test_an_owner_may_let_others_predict_all_the_same_and_change_their_mind(ada):
    version_id = trained(ada, "private")
    model = models.require_model(ada, models.require_version(ada, version_id).model_id)

    models.update(ada, model.id, model.name, "", "public", shares_data=True)
    assert told(None, version_id)["data"]["kind"] == "table"
    models.update(ada, model.id, "Renamed", "", "public")
    assert told(None, version_id)
    models.update(ada, model.id, "Renamed", "", "public", shares_data=False)
    assert told(None, version_id) is None


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_what_a_version_learned_from_stays_known_when_its_run_is_deleted(ada, bob, visibility):
    version_id = trained(ada, visibility)
    before = told(bob, version_id)

    runs.delete(ada, models.require_version(ada, version_id).run_id)

    after = told(bob, version_id)
    assert (after is None) == (before is None) == (visibility == "private")
    assert told(ada, version_id)["data"] == (before or told(ada, version_id))["data"]
    assert starts.can_continue(models.require_version(bob, version_id), KERAS) == (visibility == "public")
