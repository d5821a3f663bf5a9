"""How long somebody must wait after failing too often: pure arithmetic on the times of the failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    """How many tries within the window are free before each further one must wait, twice as long each time."""

    kind: str
    free_tries: int

    def subject(self, who: str) -> str:
        """Return the name under which tries are counted."""
        return f"{self.kind}:{who}"[:300]


# A class of thirty often shares one address, and all of them sign up in the same minute.
SIGN_IN_ACCOUNT = Limit("sign-in account", 5)  # at one account from one place: a browser it is known in, or an address
SIGN_IN_ANYWHERE = Limit("sign-in anywhere", 100)  # at one account from all unknown places
SIGN_IN_ADDRESS = Limit("sign-in address", 40)
SIGN_UP_ADDRESS = Limit("sign-up address", 60)


def wait(limit: Limit, tries: Sequence[datetime], now: datetime) -> timedelta:
    """Return how long the next try must wait; zero or less when it may come now."""
    recent = [at for at in tries if now - at < WINDOW]
    excess = len(recent) - limit.free_tries
    if excess < 0:
        return timedelta(0)
    longer: int = 2 ** min(excess, 20)
    return max(recent) + min(LONGEST_WAIT, FIRST_WAIT * longer) - now
