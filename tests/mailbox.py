"""A real mail server for tests: it keeps what it is given, or refuses it."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from mhub_core.mail import worker_service
from tests.services import free_port


class Mailbox:
    """What arrived, the first first. `refusals`: what is said instead of taking the next letters."""

    def __init__(self) -> None:
        self.url = ""
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refusals: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        self.recipients.append(envelope.rcpt_tos)
        self.letters.append(email.message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=default))
        return "250 OK"

    def fetch(self) -> list[EmailMessage]:
        """Have the hub send what is due, and return the letters that arrived since the last time."""
        worker_service.send_due()
        found, self.letters = self.letters, []
        return found

    def only(self) -> EmailMessage:
        """Return the one letter that has arrived."""
        [letter] = self.fetch()
        return letter

    def link(self, hub: str = "https://hub.school.example") -> str:
        """Return the one link to the hub in the one letter that has arrived."""
        [found] = re.findall(rf"{re.escape(hub)}\S+", self.only().get_content())
        return found


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a mail server on this machine."""
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.url = f"smtp://127.0.0.1:{port}"
    try:
        yield box
    finally:
        controller.stop()
