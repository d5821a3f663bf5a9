"""Folders of splits that came with images: kept, or mixed and drawn anew, as a person chooses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mhub_core.data.records import Option
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.paths import TEST, TRAIN, VALIDATION, fewer
from mhub_core.kinds.pictures.records import Example, Layout

SPLITS, MIXED = "splits", "mixed"
_WORDS = {
    TEST: "The test folder is the test set",
    MIXED: "Mixed: the hub holds out a fifth",
    VALIDATION: "The validation folder is the test set",
}


def split(layout: Layout, chosen: dict[str, Any]) -> Layout:
    """Return a layout whose examples know whether they are hidden. Raises Invalid for a choice that there is not."""
    counts = Counter(example.split for example in layout.examples)
    option = choice(counts, chosen)
    if option is None:
        return layout
    examples, asked = layout.examples, str(option.value)
    if asked != MIXED:
        examples = tuple(replace(example, is_test=example.split == asked) for example in examples)
    warnings = (*layout.warnings, told(asked, counts), *_one_sided(examples))
    return replace(layout, examples=examples, options=(*layout.options, option), warnings=warnings)


def choice(counts: Counter[str | None], chosen: Mapping[str, Any]) -> Option | None:
    """Return what can be chosen where so many examples lie in each folder of splits; None where there is nothing to choose.

    Raises Invalid for a choice that there is not.
    """
    total = counts.total()
    fits = {TEST: 0 < counts[TEST] < total, MIXED: True, VALIDATION: 0 < counts[VALIDATION] < total}
    offered = [(value, words) for value, words in _WORDS.items() if fits[value]]
    if len(offered) < 2:
        return None
    asked = chosen.get(SPLITS, offered[0][0])
    if asked not in dict(offered):
        raise Invalid("The splits cannot be used in this way.", "; ".join(words for _, words in offered), "Choose one of these.")
    return Option(SPLITS, "Folders of splits", asked, tuple(offered))


def _one_sided(examples: tuple[Example, ...]) -> list[str]:
    """Tell of classes that cannot be learned, and of those that cannot be tested."""
    if examples[0].is_test is None:
        return []
    tested = {example.class_name for example in examples if example.is_test}
    learned = {example.class_name for example in examples if not example.is_test}
    sides = (
        ("without a training image, so no model can learn them", tested - learned),
        ("without a test image", learned - tested),
    )
    return [f"Classes {words}: {fewer(sorted(names))}." for words, names in sides if names]


def told(asked: str, counts: Counter[str | None], noun: str = "images") -> str:
    """Return what becomes of the folders of splits, as it was chosen."""
    folders = {name: f"{counts[name]:,} in the {name} folder" for name in (TRAIN, VALIDATION, TEST) if counts[name]}
    if asked == MIXED:
        return f"All {noun} are used together ({', '.join(folders.values())}); the hub chooses its own held-out test set."
    hidden = f"The {counts[asked]:,} {noun} of the {asked} folder are the hidden test set."
    if asked == TEST and counts[VALIDATION]:
        return (
            f"{hidden} The {counts[VALIDATION]:,} of the validation folder are used for training: each run sets its own part of "
            f"the training {noun} aside for validation."
        )
    if asked == VALIDATION and counts[TEST]:
        return f"{hidden} The {counts[TEST]:,} of the test folder are used for training."
    return hidden
