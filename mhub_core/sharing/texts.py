"""The one check of what people type: names, descriptions, notes, words to search for."""

from __future__ import annotations

import re

from mhub_core.errors import Invalid

LONGEST_SEARCH, MOST_WORDS = 200, 10  # SQLite refuses longer patterns, and each word costs a look at every row
_JOINERS = str.maketrans("", "", "\u200c\u200d")  # invisible, but Persian and joined emoji are written with them
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")  # PostgreSQL keeps no zero, UTF-8 no half of a pair


def one_line(text: str) -> str:
    """Return text with single blanks, and none around it."""
    return " ".join(text.split())


def printable_line(text: str) -> str:
    """Return text as one line in which a blank stands for whatever cannot be shown."""
    return one_line("".join(letter if letter.isprintable() else " " for letter in text))


def run_title(run_id: int, name: str) -> str:
    """Return how a run is called where it stands alone."""
    return f"Run {run_id}: {name}" if name else f"Run {run_id}"


def run_phrase(run_id: int, name: str) -> str:
    """Return how a run is called within a sentence: `run 7 (learning rate 0.01)`."""
    return f"run {run_id} ({name})" if name else f"run {run_id}"


def search_words(search: str) -> list[str]:
    """Return the words of a search, as many and as long as the database is asked for."""
    return printable_line(search[:LONGEST_SEARCH]).split()[:MOST_WORDS]


def name_problem(name: str, longest: int) -> str:
    """Return what is wrong with a name, or nothing."""
    shown = name.translate(_JOINERS)
    return "" if shown.isprintable() and shown and len(name) <= longest else f"must have 1 to {longest} visible characters"


def problem(text: str, longest: int) -> str:
    """Return what is wrong with a text that may be empty and of several lines, or nothing."""
    if len(text) > longest:
        return f"must have at most {longest:,} characters"
    found = _NO_TEXT.search(text)
    return f"has an invalid character at position {found.start() + 1:,}: delete it" if found else ""


def refuse(happened: str, problems: dict[str, str]) -> None:
    """Raise Invalid when any of the fields has a problem."""
    if found := {field: words for field, words in problems.items() if words}:
        raise Invalid(happened, mend="Correct the marked fields.", problems=found)
