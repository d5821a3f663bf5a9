"""A hub with a thing of each kind in each visibility, and the people who stand in every relation to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, update
from sqlalchemy.orm import Session

from db.engine import may_lock, writing
from db.tables.accounts import UserRow
from db.tables.models import ModelVersionRow
from db.tables.runs import RunRow
from mhub_core.accounts import service as accounts
from mhub_core.accounts import session_service
from mhub_core.accounts.records import User
from mhub_core.comments import service as comments
from mhub_core.datasets import service as datasets
from mhub_core.datasets import source_service
from mhub_core.errors import Forbidden, MHubError, NotFound, SignInRequired
from mhub_core.models import service as models
from mhub_core.models import shelf_service
from mhub_core.projects import service as projects
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import service as sharing
from mhub_core.storage import service as storage
from tests import factories

WHO = ("visitor", "stranger", "member", "reader", "editor", "manager", "owner", "administrator")
PRIVATE, SHARED, PUBLIC = VISIBILITIES = ("private", "shared", "public")
YES, NO, SIGN_IN, HIDDEN = "yes", "no", "sign in", "hidden"

# How far everybody may go, written down here once more: a mistake in the policy shows as a difference from this.
REACHES: dict[str, dict[str, str | None]] = {
    PRIVATE: {who: {"owner": "own", "administrator": "own"}.get(who) for who in WHO},
    SHARED: {
        "visitor": None,
        "stranger": None,
        "member": "read",  # an editor of a project that may read them
        "reader": "read",
        "editor": "edit",
        "manager": "manage",
        "owner": "own",
        "administrator": "own",
    },
    PUBLIC: {who: {"owner": "own", "administrator": "own"}.get(who, "read") for who in WHO},
}


@dataclass(frozen=True)
class Things:
    """The numbers of a model, a dataset, a run and a project of one visibility, and what belongs to them.

    `comment` is the guest's on the model, and `own_comment` the owner's.
    """

    name: str
    model: int
    model_version: int
    trained_version: int
    dataset: int
    dataset_version: int
    run: int
    other_seed: int
    project: int
    comment: int
    own_comment: int


@dataclass(frozen=True)
class World:
    """People by their relation to the things, and the things by who may see them.

    A guest may read them all. `block`, `fetch` and `session` are what is the owner's alone. Everybody may edit the project
    `workshop`, to which nothing belongs; all things belong to `studio`, a project of the guest's.
    """

    people: dict[str, User | None]
    guest: User
    block: int
    fetch: int
    session: str
    workshop: int
    studio: int
    things: dict[str, Things] = field(default_factory=dict)

    def person(self, who: str) -> User:
        """Return somebody who has an account."""
        found = self.people[who]
        assert found is not None
        return found


def build() -> World:
    """Fill an empty hub."""
    people: dict[str, User | None] = {who: factories.person(who, who == "administrator") for who in WHO if who != "visitor"}
    owner = people["owner"]
    assert owner is not None
    accounts.redeem_ticket(accounts.issue_ticket(owner.id), "a browser")
    block = shelf_service.save_block(owner, "A block", "", factories.chain(3))
    image = storage.put_bytes(b"an image")
    with writing() as database:
        database.execute(update(UserRow).where(UserRow.id == owner.id).values(picture_key=image))
    fetch = source_service.fetch(owner, "web", {"url": "https://example.org/a.csv"})
    session = session_service.list_sessions(owner)[0].id
    guest = factories.person("guest")
    workshop, studio = projects.create(guest, "Workshop"), projects.create(guest, "Studio")
    for person in people.values():
        assert person is not None
        sharing.grant(guest, "project", workshop, person.id, "edit")
    sharing.grant(guest, "project", studio, owner.id, "edit")
    world = World({"visitor": None, **people}, guest, block, fetch, session, workshop, studio)
    for visibility in VISIBILITIES:
        world.things[visibility] = _things(world, visibility)
    return world


def _things(world: World, visibility: str) -> Things:
    owner, seen = world.person("owner"), "public" if visibility == PUBLIC else "private"
    columns = [f"column {number}" for number in range(4)]
    spec = factories.table_of_numbers(factories.iris_spec(), columns)
    data, version = factories.dataset(owner, seen, f"{visibility} data", spec), factories.model(owner, seen, f"{visibility} net")
    run, other_seed = (factories.run_row(owner, version, data) for _ in range(2))
    factories.finish_run(run, {"accuracy": 0.9})
    model_id = models.require_version(owner, version).model_id
    trained = models.require_model(owner, model_id).versions[0].id
    dataset_id = datasets.require_version(owner, data).dataset_id
    weights = storage.put_bytes(b"weights")
    with writing() as session:
        session.execute(update(RunRow).where(RunRow.id == other_seed).values(line_id=run))
        session.execute(update(ModelVersionRow).where(ModelVersionRow.id == trained).values(model_key=weights))
    granted = {"reader": "read", "editor": "edit", "manager": "manage"} if visibility == SHARED else {}
    people = {**{world.person(who).id: level for who, level in granted.items()}, world.guest.id: "read"}
    project_id = projects.create(owner, f"{visibility} project", "", seen)
    for kind, thing_id in (("model", model_id), ("dataset", dataset_id), ("project", project_id)):
        for person_id, level in people.items():
            sharing.grant(owner, kind, thing_id, person_id, level)
    for kind, thing_id in (("model", model_id), ("dataset", dataset_id)):
        belonging.put(owner, kind, thing_id, world.studio)
    if visibility == SHARED:
        _let_in_a_member(world, project_id, {"model": model_id, "dataset": dataset_id})
    said = (comments.write(person, "model", model_id, "Words") for person in (world.guest, owner))
    return Things(visibility, model_id, version, trained, dataset_id, data, run, other_seed, project_id, *said)


def _let_in_a_member(world: World, project_id: int, things: dict[str, int]) -> None:
    """Let somebody read things as an editor of one project, and another project by themselves."""
    owner, member = world.person("owner"), world.person("member")
    circle = projects.create(owner, "Circle")
    sharing.grant(owner, "project", circle, member.id, "edit")
    for kind, thing_id in things.items():
        belonging.put(owner, kind, thing_id, circle)
    sharing.grant(owner, "project", project_id, member.id, "read")


class _LetThroughError(Exception):
    """Raised where a verb would have written what it was asked to."""


@contextmanager
def nothing_is_written(but: int = 0) -> Iterator[None]:
    """End each write transaction, after the first `but` ones, before it is committed."""
    left = but

    def refuse(session: Session) -> None:
        nonlocal left
        if may_lock(session):
            left -= 1
            if left < 0:
                raise _LetThroughError

    event.listen(Session, "before_commit", refuse)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", refuse)


def outcome(verb: Callable[[], Any], but: int = 0) -> str:
    """Return what becomes of who asks for a verb. What they asked for does not happen.

    Whatever else a verb refuses, such as a wrong value, it refuses only who may ask for it.
    """
    try:
        with nothing_is_written(but):
            verb()
    except SignInRequired:
        return SIGN_IN
    except NotFound:
        return HIDDEN
    except Forbidden:
        return NO
    except (_LetThroughError, MHubError):
        return YES
    return YES
