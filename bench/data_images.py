"""How fast a zip of images becomes a dataset: `python -m bench.data_images [--images 8000] [--side 96]`.

The hub's preparation (in its sandbox, as the quick worker runs it) beside `keras.utils.image_dataset_from_directory` reading the
same files, in a folder, once. Both bring the images to one size; Keras is told with and without its import. Where the hub keeps
files, the pixels are made when a training first asks for them: what that takes is told beside, alone and added. Peak memory is
that of the process that does the work. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mhub_core.kinds.registry import require_kind

GOAL_TIMES, GOAL_MB, GOAL_DISK = 0.7, 300.0, 3.0
CLASSES = ("daisy", "iris", "rose", "tulip")
KERAS = """
import json, os, resource, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
start = time.perf_counter()
import keras
import tensorflow
loaded, cpu = time.perf_counter(), time.process_time()
data = keras.utils.image_dataset_from_directory(sys.argv[1], image_size=(SIDE, SIDE), batch_size=64, shuffle=False, verbose=False)
count = sum(int(labels.shape[0]) for _, labels in data)
"""
HUB = """
import json, resource, sys, time
from pathlib import Path
start = time.perf_counter()
from mhub_core.kinds.registry import require_kind
loaded, cpu = time.perf_counter(), time.process_time()
kind = require_kind("images")
request, _ = kind.check_request("class", "classification", {"image_size": SIDE})
spec, _ = kind.prepare(Path(sys.argv[1]), request, Path(sys.argv[2]), lambda *_: None)
Path(sys.argv[2], "spec.json").write_text(json.dumps(spec.to_json()))
count = spec.num_rows
"""
PIXELS = """
import json, resource, sys, time
from pathlib import Path
start = time.perf_counter()
from mhub_core.data.records import DataSpec
from mhub_core.kinds.pictures import kept
loaded, cpu = time.perf_counter(), time.process_time()
spec, folder = DataSpec.from_json(json.loads(Path(sys.argv[1], "spec.json").read_text())), Path(sys.argv[1])
images = kept.opened(spec, {name: folder / file for name, file in spec.arrays.items()})
if "x" not in spec.arrays:
    kept.write(images, folder.parent / "x.npy", lambda *_: None, "")
count = len(images)
"""
END = """
used = resource.getrusage(resource.RUSAGE_SELF)
told = {"seconds": time.perf_counter() - loaded, "import": loaded - start, "count": count}
print(json.dumps(told | {"cpu": time.process_time() - cpu, "peak_mb": used.ru_maxrss / 1024}))
"""


def draw(number: int, side: int) -> bytes:
    """Return a JPEG of smooth noise, which compresses about as a photo does."""
    numbers = np.random.default_rng(number)
    coarse = Image.fromarray(numbers.integers(0, 256, (side // 6, side // 6, 3), np.uint8)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    pixels = np.asarray(coarse, np.int16) + numbers.integers(-12, 13, (side, side, 3), np.int16)
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def make(folder: Path, number: int, side: int) -> Path:
    """Write images by class into a folder and into a zip."""
    drawn = [draw(one, side) for one in range(200)]
    path = folder / "images.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for one in range(number):
            name = f"{CLASSES[one % len(CLASSES)]}/{one:06d}.jpg"
            data = drawn[one % len(drawn)] + one.to_bytes(4, "big")  # behind its end: no two files are alike
            archive.writestr(name, data)
            target = folder / "images" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return path


def measure(code: str, side: int, *arguments: Path) -> dict[str, Any]:
    """Run a script in a process of its own and return what it tells."""
    script = (code + END).replace("SIDE", str(side))
    done = subprocess.run([sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def preview_seconds(path: Path) -> float:
    """Return how long the hub looks at a zip."""
    start = time.perf_counter()
    require_kind("images").preview(path, path.name, {})
    return time.perf_counter() - start


def _together(one: dict[str, Any], other: dict[str, Any], name: str) -> float:
    return float(one[name] + other[name])


def _told(title: str, value: float, goal: float) -> bool:
    print(f"{title:44}{value:10,.2f}   goal {goal:g} {'met' if value <= goal else 'MISSED'}")
    return value <= goal


def main() -> int:
    """Measure in turns and print; return 1 when a goal was missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--images", type=int, default=8_000)
    options.add_argument("--side", type=int, default=96, help="of the images and of what they are brought to")
    options.add_argument("--size", type=int, help="what they are brought to, where it is another")
    options.add_argument("--repeats", type=int, default=1)
    given = options.parse_args()
    size = given.size or given.side
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = make(folder, given.images, given.side)
        (folder / "out").mkdir()
        print(f"{given.images:,} JPEG of {given.side} x {given.side}, zip {path.stat().st_size / 1e6:.1f} MB", end="")
        print(f", load {os.getloadavg()[0]:.1f}")
        for _ in range(given.repeats):
            keras, hub = measure(KERAS, size, folder / "images"), measure(HUB, size, path, folder / "out")
            pixels = measure(PIXELS, size, folder / "out")
            assert keras["count"] == hub["count"] == pixels["count"] == given.images
            for title, one in (("Keras", keras), ("hub", hub), ("pixels", pixels)):
                times = f"{one['seconds']:6.2f} s and {one['import']:.2f} s import, {one['cpu']:6.2f} s of processors without it"
                print(f"{title:6} {times}, peak {one['peak_mb']:.0f} MB")
            together = partial(_together, hub, pixels)
            print(f"ready and pixels by processor time, times Keras {together('cpu') / keras['cpu']:.2f}")
            whole = (hub["seconds"] + hub["import"]) / (keras["seconds"] + keras["import"])
            print(f"ratio with imports {whole:.2f}")
            met = [
                _told("ready to train, times Keras", hub["seconds"] / keras["seconds"], GOAL_TIMES),
                _told("... by processor time", hub["cpu"] / keras["cpu"], GOAL_TIMES),
                _told("... and the pixels of a first training", together("seconds") / keras["seconds"], GOAL_TIMES),
                _told("memory, MB", max(hub["peak_mb"], pixels["peak_mb"]), GOAL_MB),
            ]
        stored = sum(file.stat().st_size for file in (folder / "out").glob("*.npy"))
        met.append(_told("disk beside the zip, times the zip", stored / path.stat().st_size, GOAL_DISK))
        print(f"load {os.getloadavg()[0]:.1f}; disk {stored / 1e6:.1f} MB; preview {preview_seconds(path):.2f} s")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
