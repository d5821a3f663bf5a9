"""What the page of a dataset tells of its data, run as Streamlit runs it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from mhub_core.datasets.worker_service import _store
from mhub_core.exploring import service, worker_service
from mhub_core.kinds.images import Images
from tests import factories
from tests.datasets.test_pages import page, words
from tests.exploring.test_service import age, row_of, version_of
from tests.exploring.test_table import good, label

pytestmark = pytest.mark.slow


def looked_at(version_id: int, **query: object):  # noqa: ANN201
    return page("Dataset", id=row_of(version_id).dataset_id, **query)


def test_warnings_stand_first_and_lead_to_the_column(database, tmp_path):
    version_id = version_of(good(copy=label()), tmp_path / "data")
    worker_service.make_profile(version_id)

    shown = words(looked_at(version_id))

    assert "1 warning" in shown and "copy&quot; alone tells the target almost perfectly" in shown
    assert "tab=Columns&amp;column=copy" in shown and shown.index("1 warning") < shown.index("Contents")
    column = words(looked_at(version_id, tab="Columns", column="copy"))
    assert "Standard deviation" in column and "copy alone predicts 100% of it" in column


def test_no_window_of_warnings_is_drawn_without_any(database, tmp_path):
    version_id = version_of(good(), tmp_path / "data")
    worker_service.make_profile(version_id)

    shown = words(looked_at(version_id, tab="Columns"))

    assert "warning" not in shown and "mhub-bars" in shown and "Tells of the target" in shown
    assert "Computed from 320 training rows" in words(looked_at(version_id, tab="Relations"))


def test_what_is_not_known_yet_is_told_and_appears_when_it_is_made(database, tmp_path):
    version_id = version_of(good(copy=label()), tmp_path / "data")
    app = looked_at(version_id, tab="Relations")
    assert "once a worker of the hub is running" in words(app) and "This appears once" in words(app)

    claimed = worker_service._claim(version_id)
    assert claimed and "Looking through the data" in str([element.proto for element in app.run().get("progress")])
    age(version_id)
    worker_service.make_profile(version_id)

    assert "1 warning" in words(app.run())


def test_rows_are_sorted_and_filtered_as_the_address_says(database, tmp_path):
    frame = good(text=[f"word {n}" for n in range(400)])
    version_id = version_of(frame, tmp_path / "data")
    app = looked_at(version_id, sort="text", down=1, where="text", how="contains", than="WORD 39")

    assert "of 320 training rows" in words(app) and "text ▼" in words(app) and "aria-sort='descending'" in words(app)
    cells = [part.split("<")[0] for part in words(app).split("<td>")[1:] if part.startswith("word")]
    assert cells == sorted(cells, reverse=True) and cells and all("word 39" in cell for cell in cells)

    app.text_input[0].set_value("nothing like it").run()
    assert "No training row fits" in words(app)


def test_a_number_that_is_none_is_refused_in_words(database, tmp_path):
    version_id = version_of(good(), tmp_path / "data")

    assert "is not a number" in words(looked_at(version_id, where="a", how="above", than="many"))


def photos() -> np.ndarray:
    """Sixty parts of real photos, none like another and none nearly of one color."""
    found = (load_sample_image(name) for name in ("china.jpg", "flower.jpg"))
    parts = [photo[y : y + 64, x : x + 64] for photo in found for y in range(20, 360, 64) for x in range(0, 576, 64)]
    return np.stack([part for part in parts if part.mean(axis=2).std() > 10][:60])


def compressed(image: np.ndarray) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=75)
    return np.asarray(Image.open(buffer))


def images(folder: Path, odd: bool) -> tuple[int, np.ndarray]:
    """A version of these in two classes, and its split; with odd ones, ten are copies and two are blank."""
    folder.mkdir()
    x = photos()
    if odd:
        x[30:50:2] = [compressed(image) for image in x[:20:2]]
        x[7] = x[9] = 40
    spec, _ = Images().keep((x, (np.arange(60) % 2).astype(np.int32), ("cat", "dog")), "class", "classification", folder)
    split = np.load(folder / "split.npy")
    return factories.dataset(spec=_store(spec, folder)), split


def test_near_duplicates_and_blank_images_are_shown_with_open_pictures_alone(database, tmp_path):
    version_id, split = images(tmp_path / "data", odd=True)
    worker_service.make_profile(version_id)

    shown = words(looked_at(version_id, tab="Odd images"))

    copies = [(n, n + 30) for n in range(0, 20, 2)]
    assert f"{sum(split[list(pair)].sum() == 1 for pair in copies)} test images look nearly the same as a training image" in shown
    assert f"{sum(not split[list(pair)].any() for pair in copies)} of 48 training images look nearly the same" in shown
    assert "of one color" in shown and "<figure>" in shown
    shown_rows = [row for one in service.see(None, version_id).profile.findings for group in one.rows for row in group]
    assert len(shown_rows) > 4 and not split[shown_rows].any()


def test_of_images_in_which_nothing_is_odd_only_the_means_are_shown(database, tmp_path):
    version_id, _ = images(tmp_path / "data", odd=False)
    worker_service.make_profile(version_id)

    assert "None of 60 images is blank or nearly the same" in words(looked_at(version_id, tab="Odd images"))
    shown = words(looked_at(version_id, tab="Mean images"))
    assert "All training images" in shown and ">cat<" in shown and ">dog<" in shown
