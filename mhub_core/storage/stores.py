"""Which store STORAGE_URL means: one line per kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from mhub_core import settings
from mhub_core.errors import Unavailable
from mhub_core.storage.backend import Backend
from mhub_core.storage.folder import Folder
from mhub_core.storage.s3 import Bucket

STORES: dict[str, Callable[[str], Backend]] = {
    "file": Folder,
    "s3": Bucket,
}


def current() -> Backend:
    """Return the store of this hub. Raises Unavailable for a URL that cannot be one."""
    return _open(settings.storage_url())


@lru_cache(maxsize=8)
def _open(url: str) -> Backend:
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in STORES:
        known = " or ".join(f"{name}://..." for name in STORES)
        raise Unavailable(
            f"STORAGE_URL names a kind of store that this hub does not know ({scheme[:20]}).", f"STORAGE_URL={known}"
        )
    return STORES[scheme](url)
