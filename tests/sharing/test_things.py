"""Any thing by its kind and its number."""

from __future__ import annotations

import pytest

from db.engine import reading, writing
from mhub_core.datasets import service as datasets
from mhub_core.errors import Forbidden, NotFound, SignInRequired
from mhub_core.models import service as models
from mhub_core.projects import service as projects
from mhub_core.sharing import policy, thing_service
from mhub_core.sharing import service as sharing
from tests import factories


def look(viewer, kind: str, thing_id: int, needs: str = policy.READ) -> tuple[str, str]:  # noqa: ANN001
    with reading() as session:
        found = thing_service.require(session, viewer, needs, kind, thing_id)
    return found.title, found.level


def test_things_of_every_kind_are_found_by_those_who_may_see_them(hub):
    ada, bob, eve = (factories.person(name) for name in ("ada", "bob", "eve"))
    version_id, data_id = factories.model(ada, "private", "Net"), factories.dataset(ada, "public", "Iris")
    model_id = models.require_version(ada, version_id).model_id
    dataset_id = datasets.require_version(ada, data_id).dataset_id
    run_id = factories.run_row(ada, version_id, data_id, name="rate 0.1")
    sharing.grant(ada, "model", model_id, bob.id, "edit")

    assert look(ada, "model", model_id) == ("Net", "own")
    assert look(bob, "model", model_id) == ("Net", "edit")
    assert look(None, "dataset", dataset_id) == ("Iris", "read")
    assert look(ada, "project", projects.create(ada, "Class")) == ("Class", "own")
    assert look(ada, "run", run_id, policy.MANAGE) == (f"Run {run_id}: rate 0.1", "own")
    assert look(bob, "run", run_id) == (f"Run {run_id}: rate 0.1", "read")
    for kind, thing_id in (("model", model_id), ("run", run_id), ("model", 4711), ("run", 4711), ("cake", 1)):
        with pytest.raises(NotFound):
            look(eve, kind, thing_id)
    with pytest.raises(Forbidden):
        look(bob, "run", run_id, policy.MANAGE)
    with pytest.raises(SignInRequired):
        look(None, "dataset", dataset_id, policy.EDIT)
    with writing() as session:
        assert thing_service.require(session, bob, policy.READ, "model", model_id, hold=True).owner_id == ada.id
        assert [thing_service.may_read(session, one, "model", model_id) for one in (bob, eve)] == [True, False]
