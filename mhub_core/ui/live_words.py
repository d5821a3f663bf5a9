"""What a run that goes on tells those who watch it: words, and the points that a browser does not have yet."""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from mhub_core.charts import curves
from mhub_core.charts.curves import Points
from mhub_core.runs import records
from mhub_core.runs.curves import MOST_POINTS, thin
from mhub_core.runs.records import Progress
from mhub_core.runs.watch_service import Seen
from mhub_core.tasks.registry import find_score
from mhub_core.ui import words, workers

BEST = "◆"  # how the charts mark the best epoch
_NOBODY_WORKS = "No training worker is running at the moment. The run stays in the queue and starts as soon as there is one."


@dataclass(frozen=True)
class Known:
    """What a browser knows already: the attempt, its last epoch (0: it wants the whole curves), and two numbers that it got
    with its last answer, which say whether the log and everything else are still the same."""

    attempt: int = 0
    epoch: int = 0
    log: int = 0
    revision: int = 0


_answers: WeakKeyDictionary[Seen, dict[Known, bytes]] = WeakKeyDictionary()


def answer(seen: Seen, known: Known) -> bytes:
    """Return as JSON what is new, or nothing when nothing is. Put together once for all who know equally much."""
    kept = _answers.setdefault(seen, {})
    if known not in kept:
        kept[known] = _put_together(seen, known)
    return kept[known]


def whole(seen: Seen) -> dict[str, Any]:
    """Return all that there is to say, as `answer` would to somebody who knows nothing."""
    found: dict[str, Any] = json.loads(answer(seen, Known()))
    return found


def _put_together(seen: Seen, known: Known) -> bytes:
    told, log = _told(seen), log_lines(seen.progress)
    log_number = _number_of(log)
    revision = _number_of([told, log_number])
    if revision == known.revision and known.epoch:
        return b""
    is_whole = known.attempt != seen.progress.attempt or not known.epoch
    points = {name: _from_epoch(curve, 0 if is_whole else known.epoch) for name, curve in seen.points.items()}
    new = {"points": points, "is_whole": is_whole, "log": None if known.log == log_number else log}
    return json.dumps({**told, **new, "log_number": log_number, "revision": revision}, allow_nan=False).encode()


def _number_of(content: Any) -> int:
    return zlib.crc32(json.dumps(content).encode()) or 1


def _from_epoch(curve: Points, after: int) -> list[list[float | None]]:
    """Return the points after an epoch, a whole curve thinned out; a value that is not finite leaves a gap."""
    newer = [point for point in curve if point[0] > after]
    if len(newer) > MOST_POINTS:
        steps, values = thin(np.array([step for step, _ in newer]), np.array([value for _, value in newer]), MOST_POINTS)
        newer = list(zip(steps.tolist(), values.tolist(), strict=True))
    return [[epoch, value if math.isfinite(value) else None] for epoch, value in newer]


def _told(seen: Seen) -> dict[str, Any]:
    progress = seen.progress
    is_alone = progress.state == records.QUEUED and not workers.answer("training")
    return {
        "attempt": progress.attempt,
        "epoch": progress.epoch,
        "is_active": progress.is_active,
        "state": words.STATES[progress.state],
        "sentence": sentence(progress) if progress.is_active else "",
        "share": min(1.0, progress.epoch / max(1, progress.epochs)),
        "warning": _NOBODY_WORKS if is_alone else "",
        "charts": [chart(seen.points, metric) for metric in curves.metrics(seen.points)],
    }


def chart(points: dict[str, Points], metric: str) -> dict[str, Any]:
    """Return what stands around a curve: its title, its best value in words, and where that is (curve, epoch, value)."""
    best = curves.best_point(points, metric, find_score(metric).higher_is_better)
    marked = f"val_{metric}" if points.get(f"val_{metric}") else metric
    return {"metric": metric, "title": title(metric), "words": best_words(points, metric), "best": best and [marked, *best]}


def sentence(progress: Progress) -> str:
    """Return where a run that goes on stands."""
    if progress.state == records.QUEUED:
        before = (progress.queue_position or 1) - 1
        return "It is next in the queue." if not before else f"{before} run{'s' if before > 1 else ''} ahead of this one."
    if progress.state == records.STARTING:
        return "Building the network and loading the data."
    if progress.state == records.STOPPING:
        return "The model learned so far is being tested and saved."
    if not progress.epoch:
        return f"The first of {progress.epochs:,} epochs is running." if progress.epochs > 1 else "The only epoch is running."
    done = f"Epoch {progress.epoch:,} of {progress.epochs:,} is done."
    if progress.epoch == progress.epochs:
        return f"{done} The model is being tested and saved."
    if progress.seconds_left is None or progress.seconds_left < 1.0 or progress.epoch < 2:
        return done
    return f"{done} About {words.duration(progress.seconds_left)} left."


def log_lines(progress: Progress) -> list[str]:
    """Return the log, a line for each thing that happened."""
    return [f"{line.at:%H:%M:%S}  {line.words}" for line in progress.log]


def title(metric: str) -> str:
    """Return what stands over a curve."""
    score = find_score(metric)
    return f"{score.label} ({'higher' if score.higher_is_better else 'lower'} is better)"


def best_words(points: dict[str, Points], metric: str) -> str:
    """Return the best value of a curve so far, in a sentence."""
    score = find_score(metric)
    best = curves.best_point(points, metric, score.higher_is_better)
    if not best:
        return "The curve starts after the first epoch."
    most = "Highest" if score.higher_is_better else "Lowest"
    return f"{BEST} {most} value: {best[1]:.4g}, in epoch {best[0]}{' (validation)' if f'val_{metric}' in points else ''}."
