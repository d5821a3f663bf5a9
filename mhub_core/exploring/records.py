"""What a profile tells of a dataset version: frozen records of plain data, as a blob of JSON keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1
WARNING, NOTE = "warning", "note"  # what misleads a model unless somebody acts, and what is good to know


@dataclass(frozen=True)
class Finding:
    """Something odd about the data. `name` says of which sort it is, `words` what was found, `advice` what to do about it.

    `column`: the column of a table that has it. `rows`: for pictures, groups of open examples that show it.
    """

    name: str
    level: str
    words: str
    advice: str
    column: str = ""
    rows: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Finding:
        """Return the finding that `dataclasses.asdict` wrote."""
        return cls(**{**data, "rows": tuple(map(tuple, data["rows"]))})


@dataclass(frozen=True)
class ColumnFacts:
    """One column of a table: the facts of its training rows. `kind` is "number", "category" or "date".

    `edges` and `counts`: the histogram of a number, one edge more than counts. `top`: the most frequent values of the others with
    their counts, and `num_others` rows with further values. `unused`: why a model does not look at it, or nothing.
    `against`: the target against it, see `exploring.against`, and `strength` how much it tells of the target alone, 0 to 1.
    """

    name: str
    kind: str
    num_rows: int
    missing: int
    distinct: int
    is_target: bool = False
    unused: str = ""
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    quartiles: tuple[float, ...] = ()
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    top: tuple[tuple[str, int], ...] = ()
    num_others: int = 0
    strength: float | None = None
    against: dict[str, Any] | None = None

    @property
    def missing_share(self) -> float:
        """The share of the training rows without a value."""
        return self.missing / self.num_rows if self.num_rows else 0.0

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ColumnFacts:
        """Return the facts that `dataclasses.asdict` wrote."""
        lists = {name: tuple(data[name]) for name in ("quartiles", "edges", "counts")}
        return cls(**{**data, **lists, "top": tuple(map(tuple, data["top"]))})


@dataclass(frozen=True)
class Profile:
    """All that was found in a version. `left_out`: of how many columns nothing is told, because there are too many.

    `relations`: how strongly columns go together, `{"names", "values": [[...]]}`, see `exploring.relations`; empty without any.
    `pictures`: `{"means": [[name, PNG in base64], ...], "shape"}` of a kind that has pictures, else empty.
    `texts`: of texts what `exploring.texts` tells of their lengths and words. `sampled`: of how many
    training rows relations were computed. `series`: of series, see `exploring.series`.
    """

    findings: tuple[Finding, ...] = ()
    columns: tuple[ColumnFacts, ...] = ()
    left_out: int = 0
    sampled: int = 0
    relations: dict[str, Any] = field(default_factory=dict)
    pictures: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    series: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Profile:
        """Return the profile that `to_json` wrote."""
        findings = tuple(map(Finding.from_json, data["findings"]))
        return cls(**{**data, "findings": findings, "columns": tuple(map(ColumnFacts.from_json, data["columns"]))})

    def column(self, name: str) -> ColumnFacts | None:
        """Return the facts of a column by name."""
        return next((column for column in self.columns if column.name == name), None)
