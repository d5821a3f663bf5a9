"""What a source of data is: everything that forms, datasets and the worker ask about one way in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mhub_core.data.records import Progress

TEXT, LONG, SECRET = "text", "long", "secret"
MAX_TEXT, MAX_LONG = 2_000, 20_000


@dataclass(frozen=True)
class Field:
    """One field of the form. `kind` is one of the above; a secret is never shown again.

    `keeps_secret`: it says what is asked for, not of whom. Where any other field changes, the secret would go elsewhere, and so
    has to be entered again.
    """

    name: str
    label: str
    kind: str = TEXT
    help: str = ""
    example: str = ""
    may_be_empty: bool = False
    keeps_secret: bool = False

    @property
    def max_chars(self) -> int:
        """How long a text it takes."""
        return MAX_LONG if self.kind == LONG else MAX_TEXT


@dataclass(frozen=True)
class Asked:
    """What somebody asked for: `config` may be shown to who edits the dataset, `secret` to nobody."""

    config: dict[str, str]
    secret: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """How much one fetch may take. `networks`: what the administrator allows besides public addresses; `folder`: where files of
    SQLite may lie, empty: nowhere; `min_bytes_per_second`: of a file, so that no slow server holds a place for which
    others wait."""

    max_bytes: int
    seconds: float
    max_rows: int
    max_columns: int
    networks: tuple[str, ...] = ()
    folder: str = ""
    min_bytes_per_second: int = 1_000

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Limits:
        """Return the limits that `dataclasses.asdict` wrote."""
        return cls(**{**data, "networks": tuple(data["networks"])})


class Source(Protocol):
    """One way in. Nobody outside of these files asks which one it is: they ask the source."""

    name: str
    title: str
    help: str
    fields: tuple[Field, ...]

    def check(self, given: dict[str, str]) -> Asked:
        """Return what the fields ask for, and a problem for each wrong one. Nothing is asked of the network."""

    def words(self, config: dict[str, str]) -> str:
        """Return where the data comes from, for who edits the dataset."""

    def public_words(self, config: dict[str, str]) -> str:
        """Return what everyone who may see the dataset is told of that: no inner server, no path, which may be a key."""

    def fetch(self, config: dict[str, str], secret: dict[str, str], folder: Path, limits: Limits, progress: Progress) -> str:
        """Write what is there into the file `data` of the folder, and return what it is called. Called in the sandbox, which
        ends what takes too long. `progress` is told once the first of the data is there. No error tells of the secret."""


FILE = "data"


def missing(fields: tuple[Field, ...], given: dict[str, str]) -> dict[str, str]:
    """Return a problem for each field that is empty and must not be, or too long."""
    problems = {}
    for one in fields:
        text = given.get(one.name, "")
        if not text and not one.may_be_empty:
            problems[one.name] = "is missing"
        elif len(text) > one.max_chars or "\0" in text:
            problems[one.name] = f"must have at most {one.max_chars:,} characters, none of them a NUL"
    return problems
