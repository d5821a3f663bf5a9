"""A person's image and name, as HTML."""

from __future__ import annotations

import html

from mhub_core.people.records import Profile


def picture(person: Profile, size: int = 96) -> str:
    """Return the image of a person, or a square with the first letter of their name. `size`: pixels."""
    if person.picture:
        address = f"api/people/{person.id}/image?{html.escape(person.picture, quote=True)}"
        return f"<img class='mhub-face' src='{address}' alt='' width='{size}' height='{size}'>"
    style = f"width: {size}px; height: {size}px; font-size: {size // 2}px"
    return f"<span class='mhub-face' aria-hidden='true' style='{style}'>{html.escape(person.name[:1].upper())}</span>"


def to_html(person: Profile) -> str:
    """Return what a person is called, with the image and since when they are here."""
    joined = f"<p class='mhub-facts'>Joined {person.joined:%Y-%m-%d}</p>"
    return f"<div class='mhub-person'>{picture(person)}<div><strong>{html.escape(person.name)}</strong>{joined}</div></div>"
