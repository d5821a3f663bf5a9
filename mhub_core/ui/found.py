"""What a search found: as HTML for the page, and as plain data for the suggestions in the bar."""

from __future__ import annotations

import html
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from mhub_core.finding.records import Found, FoundPage, Marks
from mhub_core.ui import links

# For each kind: its page, what one is called, and many.
KINDS = {
    "model": ("Model", "Model", "Models"),
    "dataset": ("Dataset", "Dataset", "Datasets"),
    "project": ("Project", "Project", "Projects"),
    "person": ("Person", "Person", "People"),
    "run": ("Run", "Run", "Runs"),
}


def many(kind: str) -> str:
    """Return what several things of a kind are called."""
    return KINDS[kind][2]


def pieces(text: str, marks: Marks) -> Iterator[tuple[str, bool]]:
    """Cut a text into the parts that match and those between them, each with whether it matches."""
    end = 0
    for start, stop in marks:
        if start > end:
            yield text[end:start], False
        yield text[start:stop], True
        end = stop
    if text[end:]:
        yield text[end:], False


def _marked(text: str, marks: Marks) -> str:
    return "".join(
        f"<mark>{html.escape(piece)}</mark>" if is_match else html.escape(piece) for piece, is_match in pieces(text, marks)
    )


def facts(thing: Found) -> str:
    """Return what a thing is about and whose it is: `Small net on Iris · Ada`."""
    return " · ".join(part for part in (thing.about, thing.owner_name or "") if part)


def to_html(things: tuple[Found, ...]) -> str:
    """Return the list of what was found, with links; without anything an empty text."""
    return f"<ol class='mhub-found'>{''.join(map(_row, things))}</ol>" if things else ""


def _row(thing: Found) -> str:
    page, one, _ = KINDS[thing.kind]
    address = html.escape(links.address(page, id=thing.id), quote=True)
    title = f"<a class='mhub-link' href='{address}'>{_marked(thing.title, thing.title_marks)}</a>"
    told = f" <span class='mhub-facts'>{html.escape(facts(thing))}</span>" if facts(thing) else ""
    excerpt = f"<p>{_marked(thing.excerpt, thing.excerpt_marks)}</p>" if thing.excerpt else ""
    return f"<li><span class='mhub-kind'>{one}</span><div>{title}{told}{excerpt}</div></li>"


def to_json(words: str, page: FoundPage) -> dict[str, Any]:
    """Return suggestions in groups of one kind. Texts come as pieces, for JavaScript counts letters otherwise."""
    groups = [
        {"kind": kind, "name": many(kind), "things": [_suggestion(thing) for thing in things]}
        for kind, things in groupby(page.things, key=lambda thing: thing.kind)
    ]
    return {"words": words, "groups": groups, "total": page.total, "is_cut": page.is_cut}


def _suggestion(thing: Found) -> dict[str, Any]:
    told: dict[str, Any] = {"address": links.address(KINDS[thing.kind][0], id=thing.id)}
    excerpt = list(pieces(thing.excerpt, thing.excerpt_marks)) if thing.excerpt_marks and not thing.title_marks else []
    return {**told, "title": list(pieces(thing.title, thing.title_marks)), "facts": facts(thing), "excerpt": excerpt}
