"""Which addresses of the network people may send the hub to, in whatever form they are written."""

from __future__ import annotations

import ipaddress
import socket
from types import SimpleNamespace

import pytest

from mhub_core.errors import Forbidden, Invalid
from mhub_core.sources import addresses

NOT_PUBLIC = (
    "127.0.0.1 127.8.9.10 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.8 198.18.0.1 "
    "224.0.0.1 240.0.0.1 255.255.255.255 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 "
    "::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::1 2002:a9fe:a9fe::1 2001:0:7f00:1::1 2001:db8::1 "
    "fec0::1 feff::1 3fff::1 3fff:fff::1"
).split()


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_public_is_refused(address):
    assert not addresses.is_allowed(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_what_is_public_is_allowed(address):
    assert addresses.is_allowed(address)


def test_the_administrator_allows_a_network_and_no_other():
    allowed = ("10.20.0.0/16", "fd00::/8")

    assert addresses.is_allowed("10.20.3.4", allowed) and addresses.is_allowed("::ffff:10.20.3.4", allowed)
    assert addresses.is_allowed("fd00::1", allowed)
    assert not addresses.is_allowed("10.21.3.4", allowed) and not addresses.is_allowed("169.254.169.254", allowed)


def test_an_address_of_this_machine_is_refused_though_it_is_public_unless_the_administrator_allows_it(monkeypatch):
    entries = [(socket.AF_INET, "93.184.216.34"), (socket.AF_INET6, "2606:2800::34%eth0"), (17, "02:42:ac:11:00:02")]
    found = {"eth0": [SimpleNamespace(family=family, address=address) for family, address in entries]}
    monkeypatch.setattr(addresses.psutil, "net_if_addrs", lambda: found)

    for own in ("93.184.216.34", "::ffff:93.184.216.34", "2606:2800::34", "2002:5db8:d822::1", "64:ff9b::5db8:d822"):
        assert not addresses.is_allowed(own)
    with pytest.raises(Forbidden, match="the hub's own"):
        addresses.look_up("93.184.216.34", 80, ())
    assert addresses.is_allowed("93.184.216.34", ["93.184.216.34/32"]) and addresses.is_allowed("93.184.216.35")


def test_the_addresses_of_this_machine_are_known():
    assert ipaddress.ip_address("127.0.0.1") in addresses._own()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "::1"])
def test_every_way_to_write_this_machine_is_refused(host):
    with pytest.raises((Forbidden, Invalid)):
        addresses.look_up(host, 80, ())


def answers(*found: str):  # noqa: ANN201
    return lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]


def test_a_name_that_means_a_private_address_is_refused_also_beside_a_public_one(monkeypatch):
    for found in (["10.0.0.5"], ["8.8.8.8", "10.0.0.5"]):
        monkeypatch.setattr(addresses.socket, "getaddrinfo", answers(*found))
        with pytest.raises(Forbidden, match="not public"):
            addresses.look_up("rebind.example.org", 80, ())


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_asked_once(monkeypatch):
    asked, reached = [], []
    first = iter([["8.8.8.8"], ["127.0.0.1"]])  # a name that means another address a moment later

    def look(host, port, **more):  # noqa: ANN001, ANN003, ANN202
        asked.append(host)
        return answers(*next(first))(host, port)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look)
    monkeypatch.setattr(addresses.socket, "create_connection", lambda where, _: reached.append(where))
    addresses.connect("rebind.example.org", 443, ())

    assert asked == ["rebind.example.org"] and reached == [("8.8.8.8", 443)]


def test_a_setting_that_is_no_network_is_named():
    assert addresses.networks(" 10.0.0.0/8, ::1 ,") == ("10.0.0.0/8", "::1")
    with pytest.raises(ValueError, match="MHUB_SOURCE_NETWORKS holds 'school'"):
        addresses.networks("school")
