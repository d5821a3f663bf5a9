"""How long somebody waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from mhub_core.accounts.throttle import FIRST_WAIT, LONGEST_WAIT, SIGN_IN_ACCOUNT, WINDOW, wait

NOW = datetime(2026, 11, 21, 12)
FREE = SIGN_IN_ACCOUNT.free_tries


def test_the_first_tries_are_free() -> None:
    assert wait(SIGN_IN_ACCOUNT, [NOW] * (FREE - 1), NOW) == timedelta(0)


def test_each_further_try_waits_twice_as_long_up_to_a_limit() -> None:
    waits = [wait(SIGN_IN_ACCOUNT, [NOW] * (FREE + extra), NOW) for extra in (0, 1, 2, 50)]
    assert waits == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4, LONGEST_WAIT]


def test_tries_before_the_window_do_not_count() -> None:
    assert wait(SIGN_IN_ACCOUNT, [NOW - WINDOW] * 99, NOW) == timedelta(0)
