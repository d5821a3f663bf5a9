"""`python -m mhub_core.catalog generate` writes keras.json; `report [group]` prints how much of Keras it covers."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

COLUMNS = ("classes", "forms", "arguments", "automatic", "by hand", "accepted", "refused")


def main(words: list[str]) -> int:
    """Carry out one command and return the exit status: 1 when Keras refuses what a form offers."""
    from mhub_core.catalog import catalog

    if words == ["generate"]:
        from mhub_core.catalog import generate

        generate.write()
        return 0
    if words[:1] != ["report"] or len(words) > 2 or words[1:] not in ([], *([group] for group in catalog.groups())):
        print(__doc__)
        return 2
    return print_report(words[1:] or catalog.groups())


def print_report(groups: list[str]) -> int:
    """Print what is offered of each group, how its arguments got their types, and what Keras says to a value for each.

    Accepted and refused are counted now, with the installed Keras. What is not offered follows, with the reasons.
    """
    from mhub_core.catalog import catalog, generate

    print(f"Keras {catalog.keras_version()}")
    _print_row("group", COLUMNS)
    table: list[list[Any]] = []
    refused: dict[tuple[str, str], str] = {}
    for group in groups:
        bad = generate.probe(group)
        refused |= bad
        table.append(_counts(group, len(bad)))
        _print_row(group, table[-1])
    _print_row("together", [sum(column) for column in zip(*table, strict=True)])
    for (class_name, name), told in refused.items():
        print(f"  refused: {class_name}.{name}: {told}")
    _print_closed(groups)
    return bool(refused)


def _counts(group: str, refused: int) -> list[int]:
    from mhub_core.catalog import catalog, rules

    blocks = catalog.list_blocks(group)
    arguments = [(block.name, argument.name) for block in blocks for argument in block.arguments]
    by_hand = sum(pair in rules.ARGUMENTS or ("*", pair[1]) in rules.ARGUMENTS for pair in arguments)
    forms, total = sum(not block.no_form for block in blocks), len(arguments)
    return [len(blocks), forms, total, total - by_hand, by_hand, total - refused, refused]


def _print_row(name: str, cells: Sequence[int | str]) -> None:
    print(f"{name:12}" + "".join(f"{cell:>11}" for cell in cells))


def _print_closed(groups: list[str]) -> None:
    from mhub_core.catalog import catalog, rules

    print("\nClasses without a form:")
    for block in [block for group in groups for block in catalog.list_blocks(group) if block.no_form]:
        print(f"  {block.name:24}{block.no_form}")
    print("\nArguments that no form offers (* is every class):")
    for (class_name, argument), reason in rules.HIDDEN.items():
        print(f"  {f'{class_name}.{argument}':42}{reason}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
