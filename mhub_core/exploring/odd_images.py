"""Images that are blank, and images that are nearly the same, within the training images and across the splits.

A hash of a few low frequencies (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", section 3.2.1)
brings likely pairs beside each other; what counts is then the images themselves, at 32 x 32 in gray.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from mhub_core.exploring.records import NOTE, WARNING, Finding

SIDE = 32
BLANK = 2.0  # standard deviation of the grays of an image, of 255
ALIKE, MAX_LIGHTER = 0.995, 16.0  # correlation of the pixels, difference of the means
_LOW = 8  # frequencies in each direction
_MAX_BITS = 10  # in which the hashes of two likely pairs differ
_WINDOW, _TURNS = 16, (0, 16, 32, 48)  # compared with so many neighbours, sorted by the hash beginning at each of these bits
_SHOWN, _IN_A_GROUP = 6, 4
_CHUNK = 20_000

Groups = list[list[int]]


def shrunk(images: np.ndarray) -> np.ndarray:
    """Return float32 `(images, 32, 32)` in gray, 0 to 255, of uint8 `(images, height, width, channels)`."""
    gray = images.mean(axis=3, dtype=np.float32)
    return _to_side(_to_side(gray, 1), 2)


def _to_side(gray: np.ndarray, axis: int) -> np.ndarray:
    length = gray.shape[axis]
    if length < SIDE:
        nearest: np.ndarray = gray.take(np.arange(SIDE) * length // SIDE, axis)
        return nearest
    starts = np.arange(SIDE) * length // SIDE
    widths = np.diff([*starts, length]).reshape([-1 if place == axis else 1 for place in range(gray.ndim)])
    sums: np.ndarray = np.add.reduceat(gray, starts, axis)
    return sums / widths.astype(np.float32)


def findings(
    small: np.ndarray, rows: np.ndarray, is_test: np.ndarray, groups: np.ndarray | None, names: Sequence[str]
) -> list[Finding]:
    """Return what is odd about images, given shrunk. `rows`: their places in the dataset; `groups`: their classes, if any.

    Only rows of open images are named.
    """
    flat = small.reshape(len(small), -1)
    is_blank = flat.std(axis=1) < BLANK
    alike = _groups_of(pairs(flat, ~is_blank))
    return [
        *_across(alike, rows, is_test),
        *_torn(alike, rows, is_test, groups, names),
        *_within(alike, rows, is_test),
        *_blank(rows[is_blank & ~is_test]),
    ]


def pairs(flat: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return int64 `(pairs, 2)`: which of the wanted images, given as rows of grays, are nearly the same."""
    places = np.flatnonzero(wanted)
    if len(places) < 2:
        return np.empty((0, 2), np.int64)
    hashes = _hashes(flat[places])
    likely: set[tuple[int, int]] = set()
    for turn in _TURNS:
        turned = (hashes << np.uint64(turn)) | (hashes >> np.uint64(64 - turn)) if turn else hashes
        order = np.argsort(turned, kind="stable")
        for step in range(1, min(_WINDOW, len(order) - 1) + 1):
            one, other = order[:-step], order[step:]
            near = np.bitwise_count(hashes[one] ^ hashes[other]) <= _MAX_BITS
            found = np.sort(np.stack([one[near], other[near]], axis=1), axis=1)
            likely.update(map(tuple, _alike(flat[places], found).tolist()))
    return places[np.array(sorted(likely), np.int64).reshape(-1, 2)]


def _hashes(flat: np.ndarray) -> np.ndarray:
    """Return uint64 `(images,)`: which of the low frequencies of each are above their median."""
    steps = np.arange(1, _LOW + 1)[:, None] * (np.arange(SIDE) + 0.5) * np.pi / SIDE
    waves = np.cos(steps).astype(np.float32)
    hashes = np.empty(len(flat), np.uint64)
    for start in range(0, len(flat), _CHUNK):
        some = flat[start : start + _CHUNK].reshape(-1, SIDE, SIDE)
        strengths = (waves @ some @ waves.T).reshape(len(some), -1)
        bits = strengths > np.median(strengths, axis=1, keepdims=True)
        hashes[start : start + len(some)] = np.packbits(bits, axis=1).view(np.uint64)[:, 0]
    return hashes


def _alike(flat: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return those of some pairs that are nearly the same."""
    kept = [found[:0]]
    for start in range(0, len(found), _CHUNK):
        some = found[start : start + _CHUNK]
        one, other = flat[some[:, 0]], flat[some[:, 1]]
        means = one.mean(axis=1), other.mean(axis=1)
        one, other = one - means[0][:, None], other - means[1][:, None]
        norms = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
        is_alike = ((one * other).sum(axis=1) >= ALIKE * norms) & (np.abs(means[0] - means[1]) <= MAX_LIGHTER)
        kept.append(some[is_alike])
    return np.concatenate(kept)


def _groups_of(found: np.ndarray) -> Groups:
    """Return the images that pairs connect, each group in order, the largest first."""
    leader: dict[int, int] = {}

    def lead(place: int) -> int:
        while leader.setdefault(place, place) != place:
            leader[place] = place = leader[leader[place]]
        return place

    for one, other in found.tolist():
        leader[lead(other)] = lead(one)
    groups: dict[int, list[int]] = defaultdict(list)
    for place in sorted(leader):
        groups[lead(place)].append(place)
    return sorted(groups.values(), key=lambda group: (-len(group), group))


def _open(alike: Groups, is_test: np.ndarray) -> Groups:
    """Return what is left of groups without test images."""
    return [[place for place in group if not is_test[place]] for group in alike]


def _named(groups: Groups, rows: np.ndarray, is_test: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Return the first open images of the first groups, by their rows."""
    return tuple(tuple(int(rows[place]) for place in group[:_IN_A_GROUP]) for group in _open(groups[:_SHOWN], is_test))


def _across(alike: Groups, rows: np.ndarray, is_test: np.ndarray) -> list[Finding]:
    both = [group for group in alike if 0 < sum(is_test[place] for place in group) < len(group)]
    if not both:
        return []
    num_test = int(sum(is_test[place] for group in both for place in group))
    some = "1 test image looks" if num_test == 1 else f"{num_test:,} test images look"
    return [
        Finding(
            "across_splits",
            WARNING,
            f"{some} nearly the same as a training image.",
            "A model has seen these already, so its test scores look better than they are. Remove copies, and photos taken right "
            "after one another, and upload the images again. Shown are the training images.",
            rows=_named(both, rows, is_test),
        )
    ]


def _torn(alike: Groups, rows: np.ndarray, is_test: np.ndarray, groups: np.ndarray | None, names: Sequence[str]) -> list[Finding]:
    if groups is None:
        return []
    torn = [group for group in _open(alike, is_test) if len({groups[place] for place in group}) > 1]
    if not torn:
        return []
    classes = sorted({names[groups[place]] for group in torn for place in group})[:5]
    some = "1 group of training images looks" if len(torn) == 1 else f"{len(torn):,} groups of training images look"
    return [
        Finding(
            "contradictions",
            WARNING,
            f"{some} nearly the same but has different classes ({', '.join(classes)}).",
            "One of the labels is wrong, or the classes cannot be told apart in such images. Check them.",
            rows=_named(torn, rows, is_test),
        )
    ]


def _within(alike: Groups, rows: np.ndarray, is_test: np.ndarray) -> list[Finding]:
    groups = [group for group in _open(alike, is_test) if len(group) > 1]
    if not groups:
        return []
    copies, total = sum(map(len, groups)) - len(groups), int((~is_test).sum())
    some = "1 of {:,} training images looks" if copies == 1 else f"{copies:,} of {{:,}} training images look"
    return [
        Finding(
            "duplicates",
            WARNING if copies >= 0.01 * total else NOTE,
            f"{some.format(total)} nearly the same as another one.",
            "They count several times in training. Keep one of each, unless the small differences matter.",
            rows=_named(groups, rows, is_test),
        )
    ]


def _blank(rows: np.ndarray) -> list[Finding]:
    if not len(rows):
        return []
    some = "1 training image is" if len(rows) == 1 else f"{len(rows):,} training images are"
    shown = tuple((int(row),) for row in rows[:_SHOWN])
    advice = "A model cannot learn anything from it. Look at the file, and remove it when it is broken."
    return [Finding("blank", WARNING, f"{some} of one color.", advice, rows=shown)]
