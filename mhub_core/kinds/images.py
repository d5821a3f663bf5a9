"""Images: one example is a picture."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Frame, Progress, UploadPreview
from mhub_core.data.split_ways import DRAWN
from mhub_core.errors import Invalid, MHubError, TooLarge
from mhub_core.graphs import adapt
from mhub_core.graphs.adapt import Input
from mhub_core.kinds.kind import NEVER, Decoded, Opened, Prepared, Recipes
from mhub_core.kinds.pictures import arrays, asking, background, decode, framing, prepare, preview, process
from mhub_core.kinds.pictures.recipes import ImageRecipes
from mhub_core.kinds.pictures.truths.registry import TARGETS
from mhub_core.recipes import image_run

COLORS = ("rgb", "gray")
MAX_BYTES = 10_000_000
MAX_IMAGES = 64
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ENDINGS = (".zip", ".npz", ".tar", ".tar.gz", ".tgz")


class Images:
    """`x` is uint8 `(images, height, width, channels)`; `input` is `{"shape", "fit", "background"}`, see `pictures`."""

    name = "images"
    noun = ("image", "images")
    help = "each image is one example"
    tasks: tuple[str, ...] = tuple(TARGETS)
    epochs = 10
    notices: tuple[str, ...] = ("background",)
    num_mistakes = 0
    split_ways: tuple[str, ...] = DRAWN
    recipes: Recipes | None = ImageRecipes()
    asked_endings: tuple[str, ...] = (".zip", ".tar", ".tar.gz", ".tgz")
    decodes_files = True

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take every zip, also one of arrays, and what is called a tar."""
        return head[:4] in _ZIP or file_name.lower().endswith(_ENDINGS)

    def likeness(self, found: str, path: Path, file_name: str, chosen: dict[str, Any]) -> int:
        """What another kind accepts holds no images."""
        return NEVER

    def preview(self, path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
        """Look at the names in an archive, or at the heads of arrays."""
        look = arrays.preview if arrays.is_arrays(path) else preview.preview
        return look(path, file_name, chosen)

    def check_request(self, target: str, task: str, choices: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Size, colors, how images of other proportions come into the size, and what was guessed wrongly of the archive."""
        image_size, color = choices.get("image_size", prepare.DEFAULT_SIZE), choices.get("color", COLORS[0])
        fit = choices.get("fit", decode.PAD)
        problems = {
            field: "must be one of " + ", ".join(options)
            for field, value, options in (("color", color, COLORS), ("fit", fit, decode.FITS))
            if value not in options
        }
        if image_size is not None and (type(image_size) is not int or not prepare.MIN_SIDE <= image_size <= prepare.MAX_SIDE):
            wanted = f"a whole number from {prepare.MIN_SIDE} to {prepare.MAX_SIDE:,}"
            problems["image_size"] = f"must be {wanted}, or None for the size that the images have"
        if task not in self.tasks:
            problems["task"] = f"must be one of {', '.join(self.tasks)}"
        chosen = {"image_size": image_size, "color": color, "fit": fit, "reading": choices.get("reading") or {}}
        return {"target": TARGETS.get(task, "class"), "task": task, **chosen}, problems

    def prepare(self, path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> Prepared:
        """Decode an archive of images, or copy arrays."""
        make = arrays.prepare_arrays if arrays.is_arrays(path) else prepare.prepare_archive
        return make(path, request, _fit(request), folder, progress)

    def keep(self, loaded: tuple[np.ndarray, np.ndarray, tuple[str, ...]], target: str, task: str, folder: Path) -> Prepared:
        """Keep images, their answers and the names of the classes."""
        spec = prepare.prepare_array(*loaded, target, task, folder)
        return spec, {"accepted": spec.num_rows, "refused": 0, "reasons": [], "warnings": []}

    def notice(self, x: np.ndarray) -> dict[str, Any]:
        """Find the background that small gray images share."""
        return {"background": background.of_dataset(x)}

    def groups(self, data: DataSpec, path_of: Callable[[str], Path]) -> pl.Series | None:
        """There are no columns."""
        return None

    def shape_words(self, data: DataSpec) -> str:
        """Tell width, height and colors."""
        height, width, channels = data.input_shape
        return f"{width} x {height}, {'gray' if channels == 1 else 'RGB'}"

    def input(self, data: DataSpec) -> Input:
        """Bytes, 0 to 255."""
        return adapt.picture(data.input_shape)

    def open(self, data: DataSpec, path: Path, file_name: str, chosen: dict[str, Any]) -> Opened:
        """Take the images out of an archive, or an image file as it is."""
        return asking.opened(path, file_name, MAX_IMAGES, MAX_BYTES)

    def check_inputs(self, data: DataSpec, given: Sequence[bytes]) -> dict[str, Any]:
        """Take encoded images, such as PNG."""
        if not given:
            wanted = "This model was trained on images: it needs one or more of them."
            raise Invalid("There is no image to predict.", wanted, "Upload an image.")
        if len(given) > MAX_IMAGES or sum(map(len, given)) > MAX_BYTES:
            raise TooLarge(
                "This is too much at once.", f"At most {MAX_IMAGES} images and 10 MB together.", "Upload fewer or smaller ones."
            )
        return {"images": [base64.b64encode(image).decode("ascii") for image in given]}

    def decode(self, data: DataSpec, inputs: dict[str, Any]) -> Decoded:
        """Decode images as those of the dataset were, the readable ones of them; one on the opposite background is inverted."""
        images: list[np.ndarray] = []
        frames: list[Frame] = []
        fit, raw = _fit(data.input), data.input.get("raw") or data.input  # as the images of the upload were, before any step
        problems: dict[int, MHubError] = {}
        notes: dict[int, str] = {}
        for place, told in enumerate(inputs["images"]):
            try:
                read = decode.decode_measured(base64.b64decode(told), raw["shape"], fit, decode.PREDICTION_PIXELS)
            except Invalid as error:
                problems[place] = error
                continue
            image, frame = read.pixels, framing.frame(read.size, raw["shape"], fit)
            frames.append(process.framed(frame, data) if "raw" in data.input else frame)
            if is_inverted := background.is_opposite(image, raw.get("background")):
                notes[place] = background.words(raw["background"])
            images.append(255 - image if is_inverted else image)
        if not images:
            raise problems[0]
        x = image_run.apply(np.stack(images), data.input.get("recipe", ()))
        return Decoded(x, problems, notes, tuple(frames))

    def picture(self, x: np.ndarray) -> bytes:
        """Encode the pixels."""
        return decode.to_png(x)


def _fit(chosen: dict[str, Any]) -> str:
    """Return how images come into their size; those of release 0.1 were stretched."""
    return str(chosen.get("fit", decode.STRETCH))
