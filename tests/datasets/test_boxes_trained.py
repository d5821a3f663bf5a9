"""From an upload with boxes to a ranked model that finds objects in a photo."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from mhub_core.datasets import download_service, shapes
from mhub_core.evaluation import engine
from mhub_core.leaderboards import service as leaderboards
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.storage import service as storage
from mhub_core.tasks import boxes
from mhub_core.tasks.registry import require_task
from mhub_core.training.fits import drawn_for, list_stock
from tests import factories
from tests.datasets.conftest import pack
from tests.pages.building import open_page
from tests.pages.conftest import words
from tests.test_toys import carry_out

pytestmark = pytest.mark.slow


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_uploaded_boxes_are_learned_ranked_and_found_in_a_photo_of_another_size(make_images, anna, tmp_path):
    x, y, classes = shapes.generate_boxes(260)
    files = {f"images/{n}.png": png(image) for n, image in enumerate(x)}
    files |= {f"labels/{n}.txt": require_task("detection").truth_file(one, None)[2] for n, one in enumerate(y)}
    dataset = make_images(pack(files | {"classes.txt": "\n".join(classes).encode()}), task="detection", image_size=64)
    version = dataset.ready_version
    assert version.report["accepted"] == 260 and version.spec.classes == classes
    assert np.array_equal(version.spec.target["counts"], sum_of(version))

    recommended = list_stock(version.spec)[0]
    model = factories.model(anna, graph=drawn_for(recommended, version.spec))
    run_id = carry_out(runs.submit(anna, model, version.id, {"epochs": 22, "batch_size": 4}, "boxes-key"), tmp_path)
    run = runs.require_run(anna, run_id)
    assert recommended.name == "grid_detector" and run.state == "finished" and run.result["scores"]["map50"] > 0.5
    board = leaderboards.board(anna, version.id)
    assert (board.metric, board.higher_is_better, [row.run_id for row in board.rows]) == ("map50", True, [run_id])

    page = words(open_page("Run", anna, id=run_id))
    assert "mAP@0.5" in page and "Predicted boxes" in page and "True boxes" in page
    assert "Boxes of each class in the training images" in words(open_page("Dataset", anna, id=dataset.id, tab="Classes"))

    trained = models.require_version(anna, run.trained_version_id)
    photo = np.zeros((192, 320, 3), np.uint8) + np.median(x[0].reshape(-1, 3), axis=0).astype(np.uint8)
    photo[:, 64:256] = np.kron(x[0], np.ones((3, 3, 1), np.uint8))  # three times as large, in the middle of a wide photo
    asked = {"images": [base64.b64encode(png(photo)).decode()]}
    [answer] = engine.predict(trained.model_key, trained.serving, asked)["answers"]
    true = boxes.corners(y[0][boxes.there(y[0])][:, 1:]) * 192 + [64, 0, 64, 0]
    found = np.array([one["pixels"] for one in answer["boxes"]], float)
    assert boxes.overlaps(true, found).max(axis=1).mean() > 0.5, (true, answer)

    names = [name for name, _ in download_service.download(anna, version.id, download_service.IMAGES)[1]]
    assert "classes.txt" in names and any(name.startswith("train/labels/") for name in names)


def sum_of(version) -> list[int]:
    """How many boxes of each class the training images have, as the files of the version hold them."""
    y, split = (np.load(storage.local_path(version.spec.arrays[name])) for name in ("y", "split"))
    shown = y[split == 0]
    return np.bincount(shown[boxes.there(shown)][:, 0].astype(int)).tolist()
