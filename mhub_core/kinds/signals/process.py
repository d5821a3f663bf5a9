"""A version of series becomes another by a recipe, which starts from the series as they were uploaded.

`input["steps"]` holds the steps since then as they were chosen, `input["recipe"]` those that change values with what they
learned: a series for a prediction passes these. `input["raw_steps"]` is how many steps of a series a model took before the first
of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data import splits
from mhub_core.data.records import DataSpec, Progress
from mhub_core.kinds import after_steps
from mhub_core.kinds.kind import Prepared
from mhub_core.kinds.signals import carrying, fitting, roots, writing
from mhub_core.kinds.signals.carrying import Carried
from mhub_core.kinds.signals.gather import Gathered
from mhub_core.kinds.signals.roots import Root
from mhub_core.recipes.registry import require_step
from mhub_core.recipes.run import Recipe
from mhub_core.recipes.signal_step import SignalStep
from mhub_core.recipes.step import Step

NOUN = ("series", "series")
Sizes = tuple[int, str]


def process(data: DataSpec, paths: Mapping[str, Path], recipe: Recipe, folder: Path, progress: Progress) -> Prepared:
    """Turn a version into arrays of another in `folder`. Each series stays on its side of the split."""
    steps = [*data.input.get("steps", ()), *recipe]
    spec, report = make(data, roots.read(data, paths.__getitem__), steps, len(recipe), folder, progress)
    kept = {f"raw_{name}": data.arrays[file] for name, file in roots.names_in(data).items()}
    return replace(spec, arrays=spec.arrays | kept), report


def make(data: DataSpec, root: Root, steps: Recipe, num_told: int, folder: Path, progress: Progress) -> Prepared:
    """Carry steps out on a root. The last `num_told` of them are told of in the report. The arrays lack those of the root."""
    series, target = root.series, data.target["name"]
    carried = _all_of(root)
    sizes = sizes_after(data, steps)

    def before_step(number: int, here: Carried, step: SignalStep | Step) -> None:
        progress(number, len(steps), step.title)
        if isinstance(step, SignalStep) and (length := step.length(steps[number]["params"])):
            writing.require_memory(len(here.series), length, 2 * len(series.channels), folder)

    carrying.carry_out(carried, steps, series.channels, data.classes, before_step)
    split = np.where(carried.train, splits.TRAIN, splits.TEST).astype(np.uint8)
    after_steps.require_enough(split, NOUN)
    about: dict[str, Any] = {name: data.input[name] for name in ("split", "layout") if name in data.input}
    about |= {"recipe": carried.fitted, "steps": [dict(part) for part in steps]}
    about["raw_steps"] = data.input.get("raw_steps", data.input["shape"][0])
    spec, notes = writing.write(_gathered(carried, series), split, target, data.task, sizes, about, folder, progress)
    np.save(folder / "raw_rows.npy", carried.rows)
    told = after_steps.told(steps[len(steps) - num_told :], carried.changes[len(steps) - num_told :], NOUN)
    report = {"accepted": len(split), "warnings": notes, **told}
    return replace(spec, arrays=spec.arrays | {"raw_rows": "raw_rows.npy"}), report


def _all_of(root: Root) -> Carried:
    assert root.series.labels is not None
    num = len(root.series)
    return Carried(list(root.series), root.series.labels, root.split == splits.TRAIN, np.arange(num), [], [])


def _gathered(carried: Carried, root: Gathered) -> Gathered:
    """Return what came of a recipe as series one behind the other."""
    ends = np.concatenate([[0], np.cumsum([len(one) for one in carried.series])]).astype(np.int64)
    values = np.concatenate(carried.series) if carried.series else np.zeros((0, len(root.channels)))
    return Gathered(values, ends, [root.names[row] for row in carried.rows], root.channels, carried.labels)


def sizes_after(data: DataSpec, steps: Sequence[Mapping[str, Any]]) -> Sizes:
    """Return to how many steps series come for a model, and how: as those of a version, unless a step says otherwise."""
    length, fit = int(data.input["shape"][0]), str(data.input["fit"])
    for part in steps:
        step = require_step(part["step"])
        if isinstance(step, SignalStep) and (told := step.length(part["params"])):
            length, fit = told, fitting.END
    return length, fit


def most_steps(recipe: Recipe) -> int:
    """Return the largest number of steps that a recipe brings series to; 0 where it leaves them as long as they are."""
    steps = ((require_step(part["step"]), part["params"]) for part in recipe)
    return max((step.length(params) or 0 for step, params in steps if isinstance(step, SignalStep)), default=0)
