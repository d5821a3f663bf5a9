"""The one check of what people type: names, descriptions, notes, words to search for."""

from __future__ import annotations

import re
import unicodedata

from mhub_core.errors import Invalid
from mhub_core.sharing import policy

LONGEST_SEARCH, MOST_WORDS = 200, 10  # SQLite refuses longer patterns, and each word costs a look at every row
_JOINERS = str.maketrans("", "", "\u200c\u200d")  # invisible, but Persian and joined emoji are written with them
_ALPHABETS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE")  # of which many letters look like those of another one
_MARKS = re.compile("[\u0300-\u036f]{4}")  # Vietnamese and Greek need two, in plain text nobody more than three
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


def person_name(name: str) -> str:
    """Return the name of a person as it is kept: on one line, and without letters that are another one in disguise (NFKC)."""
    return one_line(unicodedata.normalize("NFKC", name))


def person_name_problem(name: str, longest: int) -> str:
    """Return what is wrong with the name of a person, or nothing: none may look like another one's and be another."""
    if found := name_problem(name, longest):
        return found
    for word in name.split():
        alphabets = {alphabet for letter in word for alphabet in _ALPHABETS if unicodedata.name(letter, "").startswith(alphabet)}
        if len(alphabets) > 1:
            return f"mixes {' and '.join(sorted(one.title() for one in alphabets))} letters in one word"
        if alphabets and word != word.translate(_JOINERS):
            return "has an invisible character"
    return "has too many accents on one letter" if _MARKS.search(unicodedata.normalize("NFD", name)) else ""


def problem(text: str, longest: int) -> str:
    """Return what is wrong with a text that may be empty and of several lines, or nothing."""
    if len(text) > longest:
        return f"must have at most {longest:,} characters"
    found = _NO_TEXT.search(text)
    return f"has an invalid character at position {found.start() + 1:,}: delete it" if found else ""


def file_stem(name: str) -> str:
    """Return the name of a file for something that people named: plain letters, digits and single dashes."""
    plain_letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain_letters).strip("-")[:40].strip("-") or "model"


def refuse(happened: str, problems: dict[str, str]) -> None:
    """Raise Invalid when any of the fields has a problem."""
    if found := {field: words for field, words in problems.items() if words}:
        raise Invalid(happened, mend="Correct the marked fields.", problems=found)


def about(happened: str, name: str, description: str, visibility: str, max_name: int, max_description: int) -> dict[str, str]:
    """Return what people read of a thing, and who may, as it is kept: the fields of its row.

    Raises Invalid, which says what `happened`, with one problem per field.
    """
    fields = {"name": one_line(name), "description": description.strip(), "visibility": visibility}
    problems = {
        "name": name_problem(fields["name"], max_name),
        "description": problem(fields["description"], max_description),
        "visibility": "" if visibility in policy.VISIBILITIES else "must be private or public",
    }
    refuse(happened, problems)
    return fields
