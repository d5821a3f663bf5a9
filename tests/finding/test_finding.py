"""One search over everything, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, text, update

from db import engine, migrate
from db.tables.models import ModelRow
from db.tables.runs import RunRow
from mhub_core.accounts import people_service as people
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid
from mhub_core.finding import service as finding
from mhub_core.models import service as models
from mhub_core.runs import name_service
from mhub_core.sharing import service as sharing
from tests import factories

ADMIN = User(999, "root@example.org", "Root", True)


def titles(viewer: User | None, words: str, **asked) -> list[str]:  # noqa: ANN003
    return [thing.title for thing in finding.find(viewer, words, **asked).things]


def new_model(owner: User, name: str, description: str = "", visibility: str = "public") -> int:
    return models.create(owner, name, description, factories.chain(3), visibility)


def test_the_best_comes_first_and_its_words_are_marked(hub):
    ada = factories.person("ada")
    new_model(ada, "Digits with a wide net")
    new_model(ada, "Net")
    new_model(ada, "Flowers", "A first line.\n\nThen a **net** of three layers.")
    new_model(ada, "Network of roads")

    page = finding.find(None, "net")

    assert [thing.title for thing in page.things] == ["Net", "Network of roads", "Digits with a wide net", "Flowers"]
    first, road, _, last = page.things
    assert (first.kind, first.owner_name, first.title_marks, road.title_marks) == ("model", "Ada", ((0, 3),), ((0, 3),))
    assert last.title_marks == () and last.excerpt == "Then a net of three layers." and last.excerpt_marks == ((7, 10),)
    assert page.counts["model"] == page.total == 4 and not page.is_cut
    assert titles(None, "net", limit=1, offset=1) == ["Network of roads"]
    assert titles(None, "wide net") == ["Digits with a wide net"] and titles(None, "net flow") == ["Flowers"]
    assert titles(None, "work") == []  # a word is found by its beginning


def test_every_kind_is_found_and_suggested(hub):
    ada = factories.person("irisa")
    version = factories.model(ada, name="Iris net")
    run_id = factories.run_row(ada, version, factories.dataset(name="Iris"), name="iris, learning rate 0.01")

    suggested = finding.find_first(ada, "iris")

    assert {thing.kind for thing in suggested.things} == {"model", "dataset", "person", "run"}
    assert (suggested.things[0].kind, suggested.things[0].title) == ("dataset", "Iris")  # it is exactly what was asked for
    [run] = finding.find(ada, "0.01", kinds=["run"]).things
    assert (run.title, run.about) == (f"Run {run_id}: iris, learning rate 0.01", "Iris net on Iris")
    with pytest.raises(Invalid, match="knows nothing called “planet”"):
        finding.find(ada, "iris", kinds=["planet"])


def test_case_and_diacritics_count_for_nothing(hub):
    ada = factories.person("ada")
    new_model(ada, "Größe der Äpfel, A\u0308hren in ΑΘΉΝΑ und 서울")

    for words in ("grosse", "größe apfel", "GRÖßE", "Apfe", "ahre", "A\u0308hren", "αθήνα", "서울", "서"):
        assert len(titles(None, words)) == (words != "grosse"), words
    [thing] = finding.find(None, "apfel").things
    assert [thing.title[start:end] for start, end in thing.title_marks] == ["Äpfel"]


def test_what_is_private_neither_shows_nor_counts(hub):
    ada, bob, cleo = (factories.person(name) for name in ("ada", "bob", "cleo"))
    hidden = new_model(ada, "Secret net", visibility="private")
    shown = new_model(ada, "Open net")
    data = factories.dataset()
    for model_id in (hidden, shown):
        factories.run_row(ada, models.require_model(ada, model_id).versions[0].id, data, name="net run")

    def seen(viewer: User | None) -> tuple[int, int]:
        counts = finding.find(viewer, "net").counts
        return counts["model"], counts["run"]

    assert {who: seen(who) for who in (None, ada, bob, ADMIN)} == {None: (1, 1), ada: (2, 2), bob: (1, 1), ADMIN: (2, 2)}
    sharing.grant(ada, "model", hidden, cleo.id, "read")
    assert seen(cleo) == (2, 2)
    sharing.revoke(ada, "model", hidden, cleo.id)
    models.update(ada, shown, "Open net", "", "private")
    assert {who: seen(who) for who in (None, ada, cleo)} == {None: (0, 0), ada: (2, 2), cleo: (0, 0)}


def test_a_visitor_finds_people_who_published_something(hub):
    ada = factories.person("ada")
    factories.person("adam")
    new_model(ada, "Net", visibility="private")

    assert titles(None, "ada") == [] and titles(ada, "ada") == ["Ada", "Adam"]
    new_model(ada, "Net")
    assert titles(None, "ada") == ["Ada"]
    people.rename(ada, "Grace")
    assert titles(None, "ada") == [] and titles(None, "grace") == ["Grace"]


def test_the_database_keeps_the_index_whoever_writes(hub):
    """Bulk inserts, changes past the verbs, notes, and what goes with something else."""
    ada = factories.person("ada")
    version = factories.model(ada, name="Net")
    run_id = factories.run_row(ada, version, factories.dataset(), name="first")
    with engine.writing() as session:
        session.execute(insert(ModelRow), [{"owner_id": ada.id, "name": f"Bulk {number}"} for number in range(20)])
        session.execute(update(ModelRow).where(ModelRow.name == "Bulk 7").values(name="Renamed"))
    name_service.describe(ada, run_id, "first", "Overfits badly.")

    assert len(titles(ada, "bulk")) == 19 and titles(ada, "renamed") == ["Renamed"]
    assert titles(ada, "overfits") == [f"Run {run_id}: first"]
    assert titles(ada, "net") == ["Net"]  # the runs of a model are not found by its name
    with engine.writing() as session:
        session.execute(delete(ModelRow).where(ModelRow.name == "Net"))  # its runs go with it
    assert titles(ada, "overfits") == [] and titles(ada, "net") == []


HOSTILE = (
    *('"', '" OR title : "', "*", "net*", "NEAR(a b)", "title:net", "a AND NOT b", "-net", "^net", "{title} : net"),
    *("\x00", "n\x00et", "😀", "'", "';--", "net & !x", "a <-> b", "net:*A", "\\", "%", "_", "\ud800"),
    *("x" * 10_000, "a " * 10_000, "(" * 500, "٣", "\u0301"),
)


def test_hostile_words_are_plain_text(hub):
    ada = factories.person("ada")
    new_model(ada, "Not public", visibility="private")
    new_model(ada, "Net")

    for words in HOSTILE:
        page = finding.find(None, words)
        assert [thing.title for thing in page.things] in ([], ["Net"]), words
    assert titles(None, '"net"') == titles(None, "net*") == titles(None, "-net") == ["Net"]
    assert titles(None, "title:net") == titles(None, "n\x00et") == []


def test_the_upgrade_fills_the_index_and_gives_a_table_made_anew_its_triggers_again(hub):
    ada = factories.person("ada")
    factories.run_row(ada, factories.model(ada, name="Net"), factories.dataset(), name="first")
    with engine.writing() as session:
        session.execute(text("DROP TABLE found_model"))
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        for name, table in {"new": "runs", "old": "runs", "change": "runs", "of_models": "models"}.items():
            session.execute(text(f"DROP TRIGGER found_run_{name}{'' if is_sqlite else f' ON {table}'}"))

    migrate.upgrade()
    with engine.writing() as session:
        session.execute(update(RunRow).values(name="second"))

    assert titles(ada, "second") == ["Run 1: second"] and titles(ada, "first") == [] and titles(ada, "net") == ["Net"]
