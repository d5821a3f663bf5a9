"""What the dataset tests share: a person, and the ways data comes in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from mhub_core.accounts.records import User
from mhub_core.datasets import service, worker_service
from mhub_core.datasets.records import Dataset
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from tests import factories

CARS = "weight,color,price\n" + "".join(f"{900 + 7 * n},{('red', 'blue')[n % 2]},{20.5 + n}\n" for n in range(60))
FLOWERS = "petal,sepal,species\n" + "".join(f"{n % 9},{n % 5}.5,{('rose', 'iris', 'lily')[n % 3]}\n" for n in range(60))


@pytest.fixture
def anna(database) -> User:
    """Somebody with an account."""
    factories.person("admin", is_admin=True)
    return factories.person("anna")


@pytest.fixture
def ben(anna) -> User:
    """Somebody else with an account."""
    return factories.person("ben")


@pytest.fixture
def send_as(database) -> Callable[..., str]:
    """Send bytes as somebody and get the receipt."""

    def do(sender: User, data: bytes | str, file_name: str = "data.csv") -> str:
        raw = data if isinstance(data, bytes) else data.encode()
        path = storage.incoming() / "sent"
        path.write_bytes(raw)
        return uploads.seal(sender.id, storage.take_file(path, sender.id), file_name, len(raw))

    return do


@pytest.fixture
def send(anna, send_as) -> Callable[..., str]:
    """Send bytes as Anna and get the receipt."""
    return lambda data, file_name="data.csv": send_as(anna, data, file_name)


@pytest.fixture
def make(anna, send) -> Callable[..., Dataset]:
    """Send a file, make a dataset of it and prepare it, as the page and the worker do."""

    def do(data: bytes | str, **choices: object) -> Dataset:
        asked = {"kind": "table", "target": "price", "task": "regression", **choices}
        dataset_id = service.create(anna, send(data), "Mine", "", **asked)
        dataset = service.require_dataset(anna, dataset_id)
        worker_service.prepare(dataset.versions[0].id)
        return service.require_dataset(anna, dataset_id)

    return do


@pytest.fixture
def make_images(make) -> Callable[..., Dataset]:
    """Make a dataset of a zip."""
    return lambda data, **choices: make(data, **{"kind": "images", "task": "classification", "image_size": 28, **choices})


def picture(size: tuple[int, int] = (40, 30), mode: str = "RGB", file_format: str = "PNG") -> bytes:
    """Return an image of noise that compresses badly, as photos do."""
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    noise = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, file_format)
    return buffer.getvalue()


def pack(files: dict[str, bytes]) -> bytes:
    """Return a zip of files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def animals(each: int = 6, top: str = "") -> dict[str, bytes]:
    """Return images of two classes by name."""
    return {f"{top}{kind}/{number}.png": picture() for kind in ("cat", "dog") for number in range(each)}
