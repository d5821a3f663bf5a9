"""Finding one person by what another one knows of them: never a way to a list of people or of their e-mail addresses."""

from __future__ import annotations

from sqlalchemy import select

from db.engine import reading
from db.tables.accounts import UserRow
from mhub_core.accounts import throttle, try_service
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid, NotFound
from mhub_core.sharing import policy, texts


def find_person(user: User | None, who: str) -> tuple[int, str]:
    """Return the id and the name of the person with exactly this e-mail address, or of the only one with exactly this name.

    Raises NotFound for nobody, Invalid for a name that several people have, Throttled for who guesses.
    """
    person, who = policy.require_signed_in(user), texts.printable_line(who)
    texts.refuse("Nobody was looked for.", {"who": "" if who else "is missing"})
    attempt = try_service.count(throttle.FIND_PERSON, str(person.id))
    by_email = select(UserRow.id, UserRow.name).where(UserRow.email == who.lower())
    by_name = select(UserRow.id, UserRow.name).where(UserRow.name == who).limit(2)
    with reading() as session:  # what looks like an address is none's name, whatever somebody calls themselves
        found = session.execute(by_email if "@" in who else by_name).all()
    if not found:
        raise NotFound(
            "Nobody on this hub has this name or e-mail address.",
            "The e-mail address of an account, or a name exactly as it appears on the hub.",
            "Check the spelling.",
            {"who": "is unknown on this hub"},
        )
    try_service.forgive(attempt)
    if len(found) > 1:
        told = "Several people on this hub have this name."
        raise Invalid(told, "A name that only one person has, or an e-mail address.", "Enter the e-mail address.")
    return found[0].id, found[0].name
