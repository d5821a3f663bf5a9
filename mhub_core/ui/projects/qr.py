"""The QR code of an address, which a phone's camera reads."""

from __future__ import annotations

import io

import segno

_QUIET = 4  # modules of white around it, without which some cameras do not find it


def png(address: str) -> bytes:
    """Return it as an image."""
    return _saved(address, "png", 8)


def svg(address: str) -> bytes:
    """Return it as a drawing, which is sharp at any size."""
    return _saved(address, "svg", 8)


def _saved(address: str, kind: str, scale: int) -> bytes:
    file = io.BytesIO()
    segno.make(address, error="m", micro=False).save(file, kind=kind, scale=scale, border=_QUIET)
    return file.getvalue()
