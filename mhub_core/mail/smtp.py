"""The mail server of the settings, and how one letter is handed to it.

`smtps://` is encrypted from the first byte, `smtp://` as soon as the server offers it (STARTTLS, RFC 3207). A password never
travels without encryption, except to this machine itself.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from mhub_core import settings

SECONDS = 20  # of silence, after which a server counts as away
_PORTS = {"smtp": 587, "smtps": 465}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EXPECTED = "it must be an address such as smtp://user:password@mail.school.edu:587 or smtps://mail.school.edu"


@dataclass(frozen=True)
class Server:
    """Where mail is handed in. `is_encrypted`: from the first byte."""

    host: str
    port: int
    is_encrypted: bool
    user: str
    password: str = field(repr=False)


class NotEncrypted(smtplib.SMTPException):
    """Raised when a password would have to be sent for all to read."""

    def __init__(self) -> None:
        super().__init__("the server offers no encryption (STARTTLS), so the password of MHUB_SMTP_URL was not sent to it")


class NoAddress(smtplib.SMTPException):
    """Raised for a text that no mail server would take for an address."""

    def __init__(self) -> None:
        super().__init__("this is not an e-mail address")


def server() -> Server | None:
    """Return the server of the settings, or None where there is none. Raises ValueError that names the setting."""
    if not (url := settings.text("MHUB_SMTP_URL")):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise ValueError(f"The setting MHUB_SMTP_URL could not be read; {_EXPECTED}.") from None
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"The setting MHUB_SMTP_URL could not be read; {_EXPECTED}.")
    return Server(parts.hostname, port, parts.scheme == "smtps", unquote(parts.username or ""), unquote(parts.password or ""))


def sender() -> Address:
    """Return from whom the hub's mail comes. Raises ValueError that names the setting."""
    name, address = parseaddr(settings.text("MHUB_MAIL_FROM"))
    try:
        return Address(name or "M-Hub", addr_spec=address)
    except (ValueError, IndexError):
        expected = "M-Hub <mhub@school.edu>"
        raise ValueError(f"The setting MHUB_MAIL_FROM is no e-mail address; it must be one such as {expected}.") from None


def recipient(to: str) -> Address:
    """Return to whom a letter goes. Raises NoAddress."""
    try:
        return Address(addr_spec=to)
    except (ValueError, IndexError, MessageError):  # as the library finds it: `a..b@school.edu` is a "defect"
        raise NoAddress from None


def letter(to: str, subject: str, text: str, number: str) -> EmailMessage:
    """Return a letter. The same `number` gives the same Message-ID, so that a mail server can tell that it has it already.

    Raises NoAddress.
    """
    made, own = EmailMessage(), sender()
    made["From"], made["To"], made["Subject"] = own, recipient(to), subject
    made["Date"] = formatdate(localtime=True)
    made["Message-ID"] = f"<{number}@{own.domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's automatic answer is wanted
    made.set_content(text)
    return made


def send(where: Server, message: EmailMessage) -> None:
    """Hand one letter in. Raises SMTPException and OSError."""
    context = ssl.create_default_context()
    if where.is_encrypted:
        with smtplib.SMTP_SSL(where.host, where.port, timeout=SECONDS, context=context) as encrypted:
            _hand_in(encrypted, where, message)
        return
    with smtplib.SMTP(where.host, where.port, timeout=SECONDS) as plain:
        plain.ehlo()
        if plain.has_extn("starttls"):
            plain.starttls(context=context)
        elif where.password and where.host not in _LOOPBACK:
            raise NotEncrypted
        _hand_in(plain, where, message)


def _hand_in(connection: smtplib.SMTP, where: Server, message: EmailMessage) -> None:
    if where.user:
        connection.login(where.user, where.password)
    connection.send_message(message)


def is_final(error: Exception) -> bool:
    """Tell whether a server refused a letter for good (RFC 5321: a code of five hundred), so that it will not take it later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in error.recipients.values())
    return isinstance(error, NoAddress) or (isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500)


def in_words(error: Exception) -> str:
    """Return what a server, or the network, said."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _answer(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return (str(error) or type(error).__name__)[:500]


def _answer(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"[:500]
