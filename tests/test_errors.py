"""An error says the same in another process, and to who reads it from a row years later."""

from __future__ import annotations

import json

import pytest

from mhub_core import errors
from mhub_core.errors import Conflict, Invalid, MHubError, TooLarge, Unavailable
from mhub_core.reading.records import Unreadable


class OutOfPaper(Unavailable):
    """Raised in these tests only: the child of a child."""

    own_fields = ("sheets",)
    sheets: int = 0

    def __init__(self, sheets: int) -> None:
        self.sheets = sheets
        super().__init__(f"{sheets} sheets are left.", "A full tray.", "Fill it.")


def crossed(error: MHubError) -> MHubError:
    return errors.from_json(json.loads(json.dumps(errors.to_json(error))))


@pytest.mark.parametrize("kind", [Invalid, Conflict, Unavailable, TooLarge, MHubError])
def test_an_error_crosses_unchanged(kind):
    error = crossed(kind("It broke.", "It should not.", "Mend it.", {"epochs": "too many"}))

    assert type(error) is kind
    assert (error.happened, error.mend, error.problems) == ("It broke.", "Mend it.", {"epochs": "too many"})
    assert str(error) == "It broke. It should not. Mend it."


@pytest.mark.parametrize("error", [OutOfPaper(3), Unreadable("No model.", "One.", "Add it.", 7), Unreadable("No model.")])
def test_an_error_with_a_constructor_of_its_own_crosses_with_its_fields(error):
    there = crossed(error)

    assert type(there) is type(error)
    assert vars(there) == vars(error) and str(there) == str(error)


def test_a_kind_that_nobody_here_knows_keeps_its_words():
    error = errors.from_json({**errors.to_json(Invalid("It broke.", mend="Mend it.")), "kind": "OfTheFuture", "colour": "red"})

    assert type(error) is MHubError
    assert str(error) == "It broke. Mend it." and not hasattr(error, "colour")


@pytest.mark.parametrize("data", [{}, {"kind": "Unreadable"}, {"kind": None, "happened": None, "problems": None}])
def test_what_an_old_row_lacks_is_left_empty(data):
    error = errors.from_json(data)

    assert error.happened and (error.expected, error.mend, error.problems) == ("", "", {})
    assert getattr(error, "line", None) is None
