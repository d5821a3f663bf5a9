"""How long somebody waits."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mhub_core.accounts.throttle import FIRST_WAIT, LONGEST_WAIT, SIGN_IN_ACCOUNT, WINDOW, network, wait

NOW = datetime(2026, 11, 21, 12)
FREE = SIGN_IN_ACCOUNT.free_tries


def test_the_first_tries_are_free() -> None:
    assert wait(SIGN_IN_ACCOUNT, [NOW] * (FREE - 1), NOW) == timedelta(0)


def test_each_further_try_waits_twice_as_long_up_to_a_limit() -> None:
    waits = [wait(SIGN_IN_ACCOUNT, [NOW] * (FREE + extra), NOW) for extra in (0, 1, 2, 50)]
    assert waits == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4, LONGEST_WAIT]


def test_tries_before_the_window_do_not_count() -> None:
    assert wait(SIGN_IN_ACCOUNT, [NOW - WINDOW] * 99, NOW) == timedelta(0)


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("this machine", "this machine"),
    ],
)
def test_an_address_counts_as_what_one_customer_of_a_provider_has(address: str, counted_as: str) -> None:
    assert network(address) == counted_as
