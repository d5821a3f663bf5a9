"""Takes the pictures of the README anew from the newcomer's way through a real browser: `./mhub shots`."""

from __future__ import annotations

import subprocess
import sys

from PIL import Image

from mhub_core.settings import ROOT

JOURNEY = ("tests/e2e/test_newcomer.py", "-k", "small", "-n", "0")
SHOTS = ROOT / "tests" / "artifacts" / "small"
PICTURES = ROOT / "docs" / "pictures"
# A picture of the documentation, and the screenshot of the journey that it is made of.
SOURCES = {"run.png": "06_run_finished_1280.png"}
WIDTH, MAX_HEIGHT, NUM_COLORS = 960, 1500, 128  # Small in the repository, sharp enough to read.


def main() -> int:
    """Go the newcomer's way, then make each picture. Returns the exit code of the journey."""
    for source in SOURCES.values():
        (SHOTS / source).unlink(missing_ok=True)
    failed = subprocess.call([sys.executable, "-m", "pytest", *JOURNEY], cwd=ROOT)
    for name, source in SOURCES.items():
        if not failed:
            take(name, source)
    return failed


def take(name: str, source: str) -> None:
    """Make a picture of the documentation of a screenshot."""
    with Image.open(SHOTS / source) as shot:
        small = shot.convert("RGB").resize((WIDTH, round(shot.height * WIDTH / shot.width)), Image.Resampling.LANCZOS)
    small = small.crop((0, 0, WIDTH, min(small.height, MAX_HEIGHT)))
    small.quantize(NUM_COLORS, dither=Image.Dither.NONE).save(PICTURES / name, optimize=True)
    print(f"docs/pictures/{name}: {(PICTURES / name).stat().st_size // 1000} kB")


if __name__ == "__main__":
    sys.exit(main())
