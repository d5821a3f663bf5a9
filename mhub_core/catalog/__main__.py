"""`python -m mhub_core.catalog generate` writes keras.json; `report` prints how much of Keras it covers."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(words: list[str]) -> int:
    """Carry out one command and return the exit status."""
    if words == ["generate"]:
        from mhub_core.catalog import generate

        generate.write()
    elif words != ["report"]:
        print(__doc__)
        return 2
    print_report()
    return 0


def print_report() -> None:
    """Print one line per group: classes, forms, arguments, those typed by hand; then what is not offered, and why."""
    from mhub_core.catalog import catalog, rules

    print(f"Keras {catalog.keras_version()}")
    print(f"{'group':14}{'classes':>9}{'forms':>7}{'arguments':>11}{'by hand':>9}{'refused':>9}")
    refused = []
    for group in catalog.groups():
        blocks = catalog.list_blocks(group)
        arguments = [(block.name, argument.name) for block in blocks for argument in block.arguments]
        by_hand = [pair for pair in arguments if pair in rules.ARGUMENTS or ("*", pair[1]) in rules.ARGUMENTS]
        closed = [block for block in blocks if block.no_form]
        refused += closed
        numbers = f"{len(blocks):9}{len(blocks) - len(closed):7}{len(arguments):11}{len(by_hand):9}{len(closed):9}"
        print(f"{group:14}{numbers}")
    print("\nNot offered:")
    for block in refused:
        print(f"  {block.name:26}{block.no_form}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
