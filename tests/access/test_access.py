"""The matrix of access: every verb, asked by everybody, of private, shared and public things. `docs/access.md` is its table."""

from __future__ import annotations

from mhub_core.settings import ROOT
from tests.access import table
from tests.access.table import ACCOUNT, AUTHOR, ITSELF, LEVELS, NOBODY, PERSONAL, TABLE, Verb
from tests.access.world import HIDDEN, NO, REACHES, SIGN_IN, WHO, YES, World, build, outcome
from tests.test_visitors import asked_by_somebody


def expected(verb: Verb, who: str, visibility: str) -> set[str]:
    """Return what may become of who asks."""
    if verb.needs in LEVELS:
        return _on_a_thing(verb, who, visibility)
    if verb.needs in (AUTHOR, ITSELF):
        others = {HIDDEN} if REACHES[visibility][who] is None else {NO}
        return {"owner": {YES}, "visitor": {SIGN_IN}}.get(who, others)
    if verb.needs == NOBODY:
        return {YES}
    if verb.needs == PERSONAL:
        return {YES} if who == "owner" else {HIDDEN, SIGN_IN} if who == "visitor" else {HIDDEN}
    if verb.needs == ACCOUNT:
        return {SIGN_IN} if who == "visitor" else {YES}
    return {YES} if who == "administrator" else {NO, SIGN_IN} if who == "visitor" else {NO}


def _on_a_thing(verb: Verb, who: str, visibility: str) -> set[str]:
    has = REACHES[visibility][who]
    if has is None:  # to be asked to sign in tells nothing either
        return {HIDDEN, SIGN_IN} if who == "visitor" else {HIDDEN}
    if verb.kind == "run" and has != "own":  # nobody is granted a run itself
        has = "read"
    if who == "visitor" and verb.account:
        return {SIGN_IN}
    if LEVELS.index(has) >= LEVELS.index(verb.needs):
        return {YES}
    return {SIGN_IN} if who == "visitor" else {NO}


def found(verb: Verb, who: str, visibility: str, world: World) -> str:
    """Return what becomes of who asks."""
    person, things = world.people[who], world.things[visibility]
    if verb.tells:
        return YES if verb.ask(person, things, world) else HIDDEN
    return outcome(lambda: verb.ask(person, things, world), verb.but)


def test_every_verb_is_in_the_table_and_refuses_whom_it_should(database):
    missing = asked_by_somebody().keys() - TABLE.keys() - table.NO_VERBS
    assert sorted(missing) == [], "say in tests/access/table.py what these verbs need"
    assert sorted(TABLE.keys() - asked_by_somebody().keys()) == [], "these verbs are gone"
    world, measured, wrong = build(), {}, []
    for name, verb in TABLE.items():
        for who in WHO:
            for visibility in table.of(verb):
                is_now = found(verb, who, visibility, world)
                measured[name, who, visibility] = is_now
                if is_now not in expected(verb, who, visibility):
                    wrong.append(f"{name}: {who}, {visibility}: {is_now}, not {sorted(expected(verb, who, visibility))}")
    print(table.page(measured))
    assert wrong == []
    assert (ROOT / "docs" / "access.md").read_text(encoding="utf-8") == table.page(measured), "python -m tests.access"


def test_nothing_of_a_private_thing_is_left_when_all_were_asked(database):
    """What the matrix rests on: a verb that was let through changed nothing."""
    world = build()
    things, owner = world.things["private"], world.person("owner")
    for name in ("models.service.delete", "datasets.service.delete", "runs.service.delete", "models.service.update"):
        assert outcome(lambda name=name: TABLE[name].ask(owner, things, world)) == YES
        assert found(TABLE["models.service.require_model"], "owner", "private", world) == YES
