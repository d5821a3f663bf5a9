"""The rule for one thing and the rule as SQL are the same rule, whoever asks for whatever."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from db.engine import reading, writing
from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from db.tables.sharing import GrantRow
from mhub_core.errors import Forbidden, NotFound, SignInRequired
from mhub_core.runs import service as runs
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from tests import factories

GRANTS = (None, "read", "edit", "manage", "own", "nonsense")  # the last two are never written, and count for nothing
VISIBILITIES = (policy.PUBLIC, policy.PRIVATE)


@pytest.fixture
def people(hub):
    return {
        "visitor": None,
        "stranger": factories.person("stranger"),
        "owner": factories.person("owner"),
        "admin": factories.person("admin", is_admin=True),
    }


def put(*rows) -> None:  # noqa: ANN002
    with writing() as session:
        session.add_all(rows)


def given(kind: str, thing_id: int, person, level: str | None) -> None:  # noqa: ANN001
    if level:
        put(GrantRow(thing_kind=kind, thing_id=thing_id, person_id=person.id, level=level))


def as_told(who: str, owner: str | None, visibility: str, granted: str | None) -> str | None:
    """Return the level in the words of the documentation, written again so that the rule is not compared with itself."""
    if who == "admin" or who == owner:
        return "own"
    if who == "stranger" and granted in ("read", "edit", "manage"):
        return granted
    return "read" if visibility == "public" else None


def test_one_thing_and_sql_agree_for_every_viewer_visibility_grant_and_level(people):
    expected = {}
    for owner, visibility, granted in itertools.product(("owner", None), VISIBILITIES, GRANTS):
        owner_id = people[owner].id if owner else None
        rows = [DatasetRow(owner_id=owner_id, name="Set", visibility=visibility)]
        rows += [ModelRow(owner_id=owner_id, name="Net", visibility=visibility)] if owner else []  # every model has an owner
        put(*rows)
        for row in rows:
            given("model" if isinstance(row, ModelRow) else "dataset", row.id, people["stranger"], granted)
            expected[type(row), row.id] = {who: as_told(who, owner, visibility, granted) for who in people}

    with reading() as session:
        for who, needs, table in itertools.product(people, policy.LEVELS, (ModelRow, DatasetRow)):
            found = set(session.scalars(select(table.id).where(sharing.allowed(people[who], needs, table))))
            for row in session.scalars(select(table)):
                level = sharing.level(session, people[who], sharing.thing_of(row))
                assert level == expected[table, row.id][who], (who, table, row.visibility)
                assert policy.reaches(level, needs) == (row.id in found), (who, needs, table, row.visibility)
    assert len(expected) == 2 * 2 * 6 + 2 * 6


def test_a_run_is_seen_by_its_owner_and_by_whoever_may_see_both_its_model_and_its_dataset(people):
    owner = people["owner"]
    for model, data, granted in itertools.product(VISIBILITIES, VISIBILITIES, itertools.product((None, "read"), repeat=2)):
        version, data_version = factories.model(owner, model), factories.dataset(owner, data)
        run_id = factories.run_row(owner, version, data_version)
        run = runs.require_run(owner, run_id)
        given("model", run.model_id, people["stranger"], granted[0])
        given("dataset", run.dataset_id, people["stranger"], granted[1])
        public = model == data == "public"
        both = all(visibility == "public" or level for visibility, level in zip((model, data), granted))
        for who, sees in {"visitor": public, "stranger": both, "owner": True, "admin": True}.items():
            listed = run_id in {card.id for card in runs.list_runs(people[who])}
            assert (listed, _opens(people[who], run_id)) == (sees, sees), (who, model, data, granted)


def _opens(viewer, run_id: int) -> bool:  # noqa: ANN001
    try:
        return runs.require_run(viewer, run_id).may_edit == bool(viewer and (viewer.is_admin or viewer.name == "Owner"))
    except NotFound:
        return False


@pytest.mark.parametrize(
    ("who", "granted", "needs", "error"),
    [
        ("visitor", None, "read", NotFound),
        ("stranger", None, "edit", NotFound),
        ("stranger", "read", "edit", Forbidden),
        ("stranger", "edit", "manage", Forbidden),
        ("stranger", "manage", "own", Forbidden),
    ],
)
def test_who_may_not_is_told_no_more_than_they_may_know(people, who, granted, needs, error):
    row = ModelRow(owner_id=people["owner"].id, name="Net", visibility="private")
    put(row)
    given("model", row.id, people["stranger"], granted)

    with reading() as session, pytest.raises(error):
        sharing.require(session, people[who], needs, sharing.thing_of(row))


def test_a_visitor_who_wants_to_change_what_is_public_is_asked_to_sign_in():
    with pytest.raises(SignInRequired):
        policy.require(None, policy.EDIT, policy.Thing("model", 1, 7, policy.PUBLIC))
