"""What a person says of themselves: a few lines, and an image."""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.tables.accounts import UserRow
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts.records import User
from mhub_core.errors import NotFound, TooLarge
from mhub_core.people import child
from mhub_core.people import service as people
from mhub_core.sharing import policy, texts
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage

LONGEST_ABOUT = 2000
MAX_IMAGE_MB = 10


def describe(user: User | None, about: str) -> None:
    """Change what a person says about themselves, in Markdown. Raises SignInRequired, and Invalid with its problem."""
    person, about = policy.require_signed_in(user), about.strip()
    texts.refuse("Your text was not saved.", {"about": texts.problem(about, LONGEST_ABOUT)})
    with writing() as session:
        session.execute(update(UserRow).where(UserRow.id == person.id).values(about=about))


def set_picture(user: User | None, image: bytes) -> None:
    """Take an image of any usual kind as a person's: its middle, cut square, drawn anew as a small PNG with nothing else in it.

    Raises SignInRequired, Invalid for what is no image, TooLarge, Unavailable.
    """
    person = policy.require_signed_in(user)
    if len(image) > MAX_IMAGE_MB * 1_000_000:
        raise TooLarge("The image file is too large.", f"At most {MAX_IMAGE_MB} MB.", "Make it smaller.")
    with tempfile.TemporaryDirectory(prefix="image-", dir=storage.incoming()) as folder:
        sent, png = Path(folder) / "sent", Path(folder) / "image.png"
        sent.write_bytes(image)
        png.write_bytes(child.crop(sent))
        quotas.admit(person, sha256(png.read_bytes()).hexdigest(), png.stat().st_size)
        key = storage.take_file(png)
    _name(person, key)


def remove_picture(user: User | None) -> None:
    """Take a person's image away. Raises SignInRequired."""
    _name(policy.require_signed_in(user), None)


def _name(person: User, key: str | None) -> None:
    with writing() as session:
        old = session.scalar(select(UserRow.picture_key).where(UserRow.id == person.id).with_for_update(key_share=True))
        session.execute(update(UserRow).where(UserRow.id == person.id).values(picture_key=key))
        if old and old != key:
            artifacts.let_go(session, {old})


def read_picture(viewer: User | None, person_id: int) -> bytes:
    """Return the PNG of a person whom the viewer may know of. Raises NotFound, Unavailable."""
    with reading() as session:
        people.require(session, viewer, person_id)
        key = _key(session, person_id)
    if key is None:
        raise NotFound("This person has no image.")
    return storage.read_bytes(key)


def _key(session: Session, person_id: int) -> str | None:
    return session.scalar(select(UserRow.picture_key).where(UserRow.id == person_id))
