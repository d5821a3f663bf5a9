"""A signed receipt for a file that a person has just streamed to the store.

The browser keeps the receipt while the person fills in a form; it says who may use which blob, and cannot be made up.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from itsdangerous import BadSignature, URLSafeTimedSerializer

from mhub_core import settings
from mhub_core.errors import Invalid, NotFound
from mhub_core.storage import service

_HOURS = 24


@dataclass(frozen=True)
class Upload:
    """A streamed file: its blob, the name it had, its size, and a moment by which it was stored. The name is text for people,
    never a path."""

    key: str
    file_name: str
    num_bytes: int
    stored: datetime


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key(), salt="upload")


def seal(user_id: int, key: str, file_name: str, num_bytes: int) -> str:
    """Return the receipt of a file that this person sent."""
    return _signer().dumps([user_id, key, file_name[:200], num_bytes, time.time()])


def unseal(user_id: int, token: str) -> Upload:
    """Return what a receipt stands for. Raises Invalid when it is another person's, too old or made up."""
    try:
        owner_id, key, file_name, num_bytes, stored = _signer().loads(token[:4000], max_age=_HOURS * 3600)
    except (BadSignature, ValueError, TypeError) as error:
        raise _unknown() from error
    if owner_id != user_id:
        raise _unknown()
    return Upload(key, file_name, num_bytes, datetime.fromtimestamp(stored, UTC))


def require_file(upload: Upload) -> Path:
    """Return a local file with what was sent. Raises Invalid when it was removed meanwhile, as by another tab of its person."""
    try:
        return service.local_path(upload.key)
    except NotFound as error:
        raise _unknown() from error


def _unknown() -> Invalid:
    return Invalid(
        "This upload is no longer available.", f"Only a file uploaded within the last {_HOURS} hours.", "Upload the file again."
    )
