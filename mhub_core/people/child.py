"""What the sandbox does with the image of a person: cuts its middle out and draws it anew, small."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from mhub_core import sandbox
from mhub_core.data.records import Progress
from mhub_core.errors import TooLarge, Unavailable
from mhub_core.kinds.pictures import decode

SIDE = 128  # pixels
_LIMITS = sandbox.Limits(memory_bytes=500 << 20, cpu_seconds=20, wall_seconds=40.0, file_bytes=4 << 20)
_places = sandbox.Places(2, 20.0, "The hub is busy checking other people's images.")


def crop_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Return the middle square of an image as a PNG of its pixels alone, in base64. Raises Invalid as `decode` does."""
    pixels = decode.decode(Path(asked["path"]).read_bytes(), (SIDE, SIDE, 3), decode.CROP, decode.PREDICTION_PIXELS)
    return {"png": base64.b64encode(decode.to_png(pixels)).decode()}


def crop(path: Path) -> bytes:
    """Run `crop_json` in the sandbox. Raises Invalid, TooLarge, Unavailable."""
    try:
        with _places.taken():
            return base64.b64decode(sandbox.run("crop_image", {"path": str(path)}, _LIMITS)["png"])
    except (sandbox.TooMuchMemory, sandbox.TooLong) as error:
        raise TooLarge("The image is too large to be read.", mend="Make it smaller.") from error
    except sandbox.Died as error:
        raise Unavailable("The image could not be read.", mend="Open it, save it again and upload that file.") from error
