"""Tags: words by which people find their runs again."""

from __future__ import annotations

from collections.abc import Iterable

from mhub_core.runs.found import MAX_TAG, MAX_TAGS
from mhub_core.sharing import texts


def normal(tag: str) -> str:
    """Return a tag as it is written down: one line in lower case."""
    return texts.one_line(tag).lower()


def checked(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags as they are written down, each once. Raises Invalid for one that is no word, or too long, and for too many."""
    found = tuple(dict.fromkeys(tag for one in tags if (tag := normal(one))))
    wrong = next((problem for tag in found if (problem := problem_of(tag))), "")
    wrong = wrong or too_many(found)
    texts.refuse("The tags were not changed.", {"tags": wrong})
    return found


def problem_of(tag: str) -> str:
    """Return what is wrong with a tag, or nothing."""
    if "," in tag:
        return "must have no comma within a tag"
    return texts.name_problem(tag, MAX_TAG)


def too_many(tags: Iterable[str]) -> str:
    """Return what is wrong with the number of tags of a run, or nothing."""
    num = len(set(tags))
    return f"must be at most {MAX_TAGS} for one run" if num > MAX_TAGS else ""
