"""What a person chose of the guesses about an upload: taken where it may be, refused in words where not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mhub_core.errors import Invalid

Choices = Sequence[tuple[str | int | bool, str]]


def one_of(chosen: dict[str, Any], name: str, what: str, choices: Choices, guess: str | int | bool) -> str | int | bool:
    """Return what was chosen under a name, or the guess. Raises Invalid for what is none of the choices."""
    value = chosen.get(name, guess)
    if name in chosen and not any(value == one and type(value) is type(one) for one, _ in choices):
        named = ", ".join(repr(one) for one, _ in choices)
        raise Invalid(
            f"{what} cannot be {str(value)[:40]!r}.", f"One of {named}.", "Choose one of these.", {name: "is not one of them"}
        )
    return value  # type: ignore[no-any-return]


def whole(chosen: dict[str, Any], name: str, what: str, largest: int, guess: int) -> int:
    """Return a chosen whole number from 0, or the guess. Raises Invalid for anything else."""
    value = chosen.get(name, guess)
    if type(value) is not int or not 0 <= value <= largest:
        told = f"{what} cannot be {str(value)[:40]!r}."
        raise Invalid(
            told, f"A whole number from 0 to {largest:,}.", "Enter such a number.", {name: f"must be from 0 to {largest:,}"}
        )
    return value
