"""How long somebody must wait after failing too often, and what counts as one place: pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

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
# Only wrong tries count. Who is signed in counts alone, so that nobody keeps the rest of a class from joining.
JOIN_PERSON = Limit("join person", 10)
JOIN_ADDRESS = Limit("join address", 60)
FIND_PERSON = Limit("find person", 40)  # names and e-mail addresses that nobody has, of one who wants to share something
PROVIDER_ADDRESS = Limit("provider address", 60)  # who comes back from another provider, from one address
RESET_ADDRESS = Limit("reset address", 60)
RESET_ACCOUNT = Limit("reset account", 3)  # letters to one address
CONFIRM_ACCOUNT = Limit("confirm account", 5)  # letters that one person has sent
INVITE = Limit("invite", 40)  # things that one person tells another one to have shared with them
COMMENTS = Limit("comments", 60)  # of one person


def wait(limit: Limit, tries: Sequence[datetime], now: datetime) -> timedelta:
    """Return how long the next try must wait; zero or less when it may come now."""
    recent = [at for at in tries if now - at < WINDOW]
    excess = len(recent) - limit.free_tries
    if excess < 0:
        return timedelta(0)
    longer: int = 2 ** min(excess, 20)
    return max(recent) + min(LONGEST_WAIT, FIRST_WAIT * longer) - now


def network(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 of an IPv6 address, all of which one customer has at will.

    What is no address, such as "this machine", stays as it is.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    found = found if isinstance(found, IPv4Address) else found.ipv4_mapped or found
    return str(found) if isinstance(found, IPv4Address) else str(IPv6Network((int(found), 64), strict=False))
