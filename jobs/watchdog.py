"""Ends the hub's processes when their supervisor is gone without a word (kill -9, out of memory).

Reads lines `+123` and `-123` (process groups that started and ended) from its standard input. The end of input means
that the supervisor is no more; what is still on the list is asked to stop, then killed. Works on Linux and macOS alike.
It holds the lock of the home, so no second hub starts on it before all is quiet.
"""

from __future__ import annotations

import os
import signal
import sys
import time

SECONDS_TO_STOP = 8


def main() -> None:
    """Follow the supervisor until it is gone, then clean up after it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end(read_groups())


def read_groups() -> set[int]:
    """Return the process groups that were left when the input ended."""
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        groups.add(group) if line[0] == "+" else groups.discard(group)
    return groups


def end(groups: set[int]) -> None:
    """Stop process groups: politely, then by force."""
    left = {group for group in groups if send(group, signal.SIGTERM)}
    deadline = time.monotonic() + SECONDS_TO_STOP
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = {group for group in left if send(group, 0)}
    for group in left:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Signal a process group; return whether there was anybody to hear it."""
    try:
        os.killpg(group, number)
        return True
    except (ProcessLookupError, PermissionError):
        return False


if __name__ == "__main__":
    main()
