"""What the runs of a comparison are called, and what decided each, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mhub_core.accounts.records import User
from mhub_core.runs.records import Run
from mhub_core.ui import run_result, words

_MAX_LETTERS = 36  # as many as a chart's legend has room for on a phone
_MAX_NAME, _MIN_NAME = 20, 8  # letters of the name of its owner or model in the name of a run
_MAX_NAMED = 2  # settings in the name of a run
_NOT_SET = "–"


@dataclass(frozen=True)
class Told:
    """A run with its name in this comparison and all that decided it, by label; or several that differ in the seed alone.

    `members` are all of these, `run` is the first.
    """

    run: Run
    name: str
    settings: dict[str, str]
    members: tuple[Run, ...]


def tell(viewer: User | None, runs: Sequence[Run]) -> list[Told]:
    """Name the runs by what they do not have in common, as far as there is room: `7: learning rate 0.01, batch size 64`.

    Runs of several people begin with whose each is, those of several models with the model.
    """
    chosen = [{field.label: field.text(value) for field, value in run_result.chosen_values(run)} for run in runs]
    naming = sorted(differing(chosen), key=lambda label: _tells(label, chosen), reverse=True)[:_MAX_NAMED]
    several, people = len({run.model_name for run in runs}) > 1, len({run.owner_id for run in runs}) > 1
    named = []
    for run, values in zip(runs, chosen, strict=True):
        parts = [f"{label.lower()} {values[label]}" for label in naming if label in values]
        whose = [run.owner_name] * people + [run.model_name] * several
        whose = whose[:1] if parts else whose
        while len(parts) > 1 and len(_name(run, [*(name[:_MIN_NAME] for name in whose), *parts])) > _MAX_LETTERS:
            parts.pop()
        room = _MAX_LETTERS - len(_name(run, [*("" for _ in whose), *parts]))
        parts = [*(_cut(name, max(_MIN_NAME, min(room // len(whose), _MAX_NAME))) for name in whose), *parts]
        named.append(Told(run, _cut(_name(run, parts), _MAX_LETTERS), _settings(viewer, run), (run,)))
    return named


def _tells(label: str, chosen: Sequence[dict[str, str]]) -> tuple[bool, int]:
    """Return how well a setting tells the runs apart: by how many values it has; the seed says least."""
    return label != "Seed", len({values.get(label) for values in chosen})


def lines_of(runs: Sequence[Run]) -> list[list[Run]]:
    """Return the runs, those that stand in one line together, in the order of the first of each."""
    found: dict[int, list[Run]] = {}
    for run in runs:
        found.setdefault(run.line_id or run.id, []).append(run)
    return list(found.values())


def fold(viewer: User | None, runs: Sequence[Run]) -> list[Told]:
    """Do what `tell` does with runs that differ in the seed alone told by the first, and in how many there are."""
    lines = lines_of(runs)
    told = []
    for one, members in zip(tell(viewer, [line[0] for line in lines]), lines, strict=True):
        several = f" · {len(members)} seeds" if len(members) > 1 else ""
        name = _cut(one.name, _MAX_LETTERS - len(several)) + several
        all_settings = [one.settings, *(_settings(viewer, run) for run in members[1:])]
        settings = {label: _several([each.get(label, _NOT_SET) for each in all_settings]) for label in one.settings}
        told.append(Told(one.run, name, settings, tuple(members)))
    return told


def _several(values: Sequence[str]) -> str:
    """Return the values of a setting, each once."""
    return ", ".join(dict.fromkeys(values))


def _name(run: Run, parts: Sequence[str]) -> str:
    return f"{run.id}: {', '.join(parts)}" if parts else f"Run {run.id}"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _settings(viewer: User | None, run: Run) -> dict[str, str]:
    about = {"Model": run.model_name, "Layers": f"{len(run.spec['graph']['nodes']):,}"}
    data = {"Dataset": f"{run.dataset_name}, version {run.dataset_version_number}"}
    versions: dict[str, str] = run.spec.get("versions", {})
    return {**about, **data, **versions, **{label: value for label, value, _ in run_result.decided(viewer, run)}}


def differing(settings: Sequence[dict[str, str]]) -> list[str]:
    """Return the labels of the settings that are not the same in all runs."""
    return [label for label in all_labels(settings) if len({one.get(label) for one in settings}) > 1]


def all_labels(settings: Sequence[dict[str, str]]) -> list[str]:
    """Return the labels of all settings, each once."""
    return list(dict.fromkeys(label for one in settings for label in one))


def rows(told: Sequence[Told], labels: Sequence[str]) -> list[list[str]]:
    """Return a table of settings: one row for each label, with the value in each run."""
    return [[label, *(one.settings.get(label, _NOT_SET) for one in told)] for label in labels]


def state(one: Told) -> str:
    """Return how far a run is, or how many of several have ended."""
    run, ended = one.run, sum(not member.is_active for member in one.members)
    if len(one.members) > 1:
        return f"{ended} of {len(one.members)} ended"
    return f"{words.STATES[run.state]}, {run.epoch:,} of {run.epochs:,} epochs"
