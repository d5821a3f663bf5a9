"""A public model whose newest version learned from private data: others see that it is there, and get none of it."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from db.engine import writing
from db.tables.models import ModelRow
from mhub_core.errors import Forbidden, NotFound, SignInRequired
from mhub_core.models import publish_service
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.sharing import service as sharing
from mhub_core.training import plan as plans
from tests import factories
from tests.pages.conftest import finish_run


@pytest.fixture
def trained(database) -> tuple:
    """Ada, Bob, and the id of a version of Ada's public model that learned from her private dataset."""
    ada, bob = factories.person("ada"), factories.person("bob")
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset(ada, "private"))
    finish_run(run_id)
    return ada, bob, runs.require_run(ada, run_id).trained_version_id


def test_only_who_may_know_the_data_can_download_the_weights(trained):
    ada, bob, version = trained
    assert models.read_trained(ada, version)
    for other in (bob, None):
        with pytest.raises(Forbidden, match="private"):
            models.read_trained(other, version)


def test_its_weights_start_no_training_of_others(trained):
    ada, bob, version = trained
    iris = factories.dataset()
    copied = models.copy(bob, models.require_version(bob, version).model_id, version)
    design = models.require_model(bob, copied).versions[0].id

    run_id = runs.submit(bob, design, iris, plans.defaults(factories.iris_spec()), "bobs-first-run", weights_of=version)

    assert runs.require_run(bob, run_id).spec["start"] is None


def test_the_owner_can_let_others_use_it(trained):
    ada, bob, version = trained
    with writing() as session:
        session.execute(update(ModelRow).values(shares_data=True))
    assert models.read_trained(bob, version) == models.read_trained(ada, version)


def test_what_becomes_known_of_private_data_is_told_to_who_manages_the_model_before_others_see_it(database):
    ada, bob = factories.person("ada"), factories.person("bob")
    version = factories.model(ada, "private")
    model_id = models.require_version(ada, version).model_id
    private = factories.run_row(ada, version, factories.dataset(ada, "private"))
    finish_run(private)
    finish_run(factories.run_row(ada, version, factories.dataset()))

    [told] = publish_service.list_private(ada, model_id)

    assert (told.versions, told.target, told.classes) == ((2,), "species", ("setosa", "versicolor", "virginica"))
    for other, refusal in ((bob, NotFound), (None, SignInRequired)):
        with pytest.raises(refusal):
            publish_service.list_private(other, model_id)
    sharing.grant(ada, "model", model_id, bob.id, "edit")
    with pytest.raises(Forbidden):
        publish_service.list_private(bob, model_id)
    runs.delete(ada, private)  # the version still knows
    assert publish_service.list_private(ada, model_id) == [told]
