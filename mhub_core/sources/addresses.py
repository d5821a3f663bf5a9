"""To which addresses of the network the hub lets people send it: public ones, and what the administrator allows besides.

A name is looked up once, and the connection goes to the address that was checked: a name that means another address a moment
later changes nothing. Whatever way an address is written in, the system reads it here as it does when it connects.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

import psutil

from mhub_core.errors import Forbidden, Invalid, Unavailable

_CONNECT_SECONDS = 20.0
# Set aside for special uses, which some releases of Python take for public.
_SPECIAL = [
    ipaddress.ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "100::/64", "fec0::/10", "3fff::/20")  # the last: documentation
]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def networks(text: str) -> tuple[str, ...]:
    """Return the networks of a setting, separated by commas. Raises ValueError that names it."""
    named = tuple(part.strip() for part in text.split(",") if part.strip())
    for one in named:
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError as error:
            raise ValueError(f"The setting MHUB_SOURCE_NETWORKS holds {one!r}, which is no network: {error}.") from None
    return named


def look_up(host: str, port: int, allowed: Iterable[str]) -> str:
    """Return the address of a host, to which the connection is to be made.

    Raises Forbidden where any of its addresses is one that people may not send the hub to, Invalid where it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Invalid(f"There is no server with the name {host[:200]!r}.", mend="Check the address.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for one in addresses:
        if not is_allowed(one, allowed):
            raise Forbidden(
                f"The server {host[:200]!r} has an address that is not public or the hub's own, so the hub does not connect.",
                "Another server, of the public internet.",
                "Upload the data as a file, or ask the administrator to allow its network (MHUB_SOURCE_NETWORKS).",
            )
    return addresses[0]


def is_allowed(text: str, allowed: Iterable[str] = ()) -> bool:
    """Tell whether an address is public and not of this machine, or in one of some networks. An address inside of another one
    counts by itself."""
    address = ipaddress.ip_address(text.partition("%")[0])
    inside = _inner(address)
    is_public = all(map(_is_public, (address, *inside))) and _own().isdisjoint((address, *inside))
    return is_public or _is_in(inside[0] if inside else address, allowed)


def _own() -> set[IPv4Address | IPv6Address]:
    """Return the addresses of this machine: behind a public one, too, may be what only its neighbours should reach."""
    of_interfaces = [entry for entries in psutil.net_if_addrs().values() for entry in entries]
    families = (socket.AF_INET, socket.AF_INET6)
    return {ipaddress.ip_address(one.address.partition("%")[0]) for one in of_interfaces if one.family in families}


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_special and not any(address in network for network in _SPECIAL)


def _is_in(address: IPv4Address | IPv6Address, allowed: Iterable[str]) -> bool:
    return any(address in ipaddress.ip_network(network, strict=False) for network in allowed)


def _inner(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 one stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(IPv4Address(address.packed[-4:]))
    return [one for one in found if one is not None]


def connect(host: str, port: int, allowed: Iterable[str], seconds: float = _CONNECT_SECONDS) -> socket.socket:
    """Return a connection to a host, at the address that was checked. Raises as `look_up`, and Unavailable."""
    address = look_up(host, port, allowed)
    try:
        return socket.create_connection((address, port), seconds)
    except OSError as error:
        raise Unavailable(f"The server {host[:200]!r} does not answer.", mend="Check the address, or try again later.") from error
