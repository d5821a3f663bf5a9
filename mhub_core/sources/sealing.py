"""Passwords and keys of sources lie in the database encrypted with a key of the hub (JWE, A256GCM)."""

from __future__ import annotations

import hashlib
import json

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from mhub_core import settings
from mhub_core.errors import Unavailable

_HEADER = {"alg": "dir", "enc": "A256GCM"}


def _key() -> OctKey:
    return OctKey.import_key(hashlib.sha256(b"mhub data source\0" + settings.secret_key().encode()).digest())


def seal(secret: dict[str, str]) -> str:
    """Return secrets as text that tells nothing without the hub's key."""
    return jwe.encrypt_compact(_HEADER, json.dumps(secret).encode(), _key())


def unseal(sealed: str) -> dict[str, str]:
    """Return the secrets again. Raises Unavailable when the hub's key is another one by now."""
    try:
        plain = jwe.decrypt_compact(sealed, _key()).plaintext
    except (JoseError, ValueError) as error:
        raise Unavailable(
            "The password of this source can no longer be read, because the hub's secret key has changed.",
            "The key with which it was stored (MHUB_SECRET_KEY).",
            "Its owner can enter the password again on the page of the dataset.",
        ) from error
    secret: dict[str, str] = json.loads(plain or b"{}")
    return secret
