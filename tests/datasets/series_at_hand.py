"""Series in the layouts that people send them in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.kinds.registry import preview, require_kind

STEPS = 24


def waves(number: int = 20, steps: int = STEPS, seed: int = 1) -> tuple[np.ndarray, list[str]]:
    """Return float64 `(series, steps, 2)` that rise or swing, and which they do."""
    random = np.random.default_rng(seed)
    at = np.linspace(0, 1, steps)
    kinds = [("rise", "swing")[n % 2] for n in range(number)]
    clean = [at * 3 if kind == "rise" else np.sin(at * 12) for kind in kinds]
    return np.stack([np.stack([one, one * 10 + 50], axis=1) for one in clean]) + random.normal(0, 0.1, (number, steps, 2)), kinds


def long_rows(values: np.ndarray, labels: list[str]) -> list[dict[str, Any]]:
    """Return the rows of the long form."""
    return [
        {"series_id": f"s{n}", "time": step, "force": round(float(one[0]), 4), "heat": round(float(one[1]), 4), "label": label}
        for n, (series, label) in enumerate(zip(values, labels, strict=True))
        for step, one in enumerate(series)
    ]


def long_csv(rows: list[dict[str, Any]]) -> str:
    """Return rows as CSV."""
    lines = [",".join("" if value is None else str(value) for value in row.values()) for row in rows]
    return "\n".join([",".join(rows[0]), *lines]) + "\n"


def wide_csv(values: np.ndarray, labels: list[str], stem: str = "t") -> str:
    """Return the first channel, a series in each row."""
    head = ",".join([*(f"{stem}{step}" for step in range(values.shape[1])), "label"])
    rows = (",".join([*(f"{v:.4f}" for v in one[:, 0]), label]) for one, label in zip(values, labels, strict=True))
    return "\n".join([head, *rows]) + "\n"


class Made(NamedTuple):
    """What came of a file."""

    spec: DataSpec
    report: dict[str, Any]
    x: np.ndarray
    folder: Path

    @property
    def told(self) -> str:
        """All that was told."""
        return " ".join([*self.report["warnings"], *(f"{what} {why}." for what, why in self.report["reasons"])])


def make(folder: Path, data: bytes | str, file_name: str = "a.csv", **choices: Any) -> Made:
    """Look at a file and prepare it as series, as the form does."""
    path = folder / file_name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    reading = {"kind": "series", **choices.pop("reading", {})}
    found = preview(path, file_name, reading)
    kind, target = require_kind("series"), choices.get("target", found.guessed_target)
    asked = {"reading": reading, "series": found.about["layout"]}
    task = choices.get("task", found.guessed_tasks.get(target, "classification"))
    request, problems = kind.check_request(target, task, asked)
    assert not problems
    request |= {"file_name": file_name, "split": choices.get("split", {})}
    spec, report = kind.prepare(path, request, folder, lambda *_: None)
    return Made(spec, report, np.load(folder / spec.arrays["x"]), folder)
