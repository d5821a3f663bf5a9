"""How images are uploaded, browsed and given to a model."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec, UploadPreview
from mhub_core.datasets import example_service
from mhub_core.datasets.records import DatasetVersion, Picture
from mhub_core.kinds.images import COLORS
from mhub_core.kinds.pictures import prepare
from mhub_core.kinds.pictures.decode import CROP, PAD, STRETCH
from mhub_core.kinds.pictures.truths.registry import TARGETS
from mhub_core.runs.records import Run
from mhub_core.ui import dataset_words, pager, pictures, table
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.explore import images as explored
from mhub_core.ui.kinds import given_file, shared
from mhub_core.ui.kinds.example import example_number
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import plain
from mhub_core.ui.pictures import Figure
from mhub_core.ui.session import get_viewer
from mhub_core.ui.tasks.registry import require_view

_GALLERY, _MEANS, _ODD = "Images", "Mean images", "Odd images"
TABS: tuple[str, ...] = (_GALLERY, _MEANS, _ODD)
TARGET_TAB = "Classes"
_ON_A_PAGE = 24
_SHOWN = 20  # classes in a preview
_ENDINGS = ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"]
_ORIGINAL = "Original size"
_FITS = {"Add a margin": PAD, "Cut off the edges": CROP, "Stretch": STRETCH}
_COLORS = dict(zip(("Color", "Gray"), COLORS, strict=True))


def show_preview(preview: UploadPreview) -> None:
    """Draw the classes and how many images each has, or boxes, in each folder of splits where there are such."""
    if preview.guessed_target == TARGETS["detection"]:
        _show_boxes(preview)
        return
    is_masks = preview.guessed_target == TARGETS["segmentation"]
    total = max(preview.classes.values(), default=0) if is_masks else sum(preview.classes.values())
    classes = dataset_words.counted(len(preview.classes), "class", "classes")
    with_masks = ", each with a mask of" if is_masks else " of"
    st.write(f"**{plain(preview.file_name)}**: {dataset_words.counted(total, 'image')}{with_masks} {classes}.")
    if is_masks:
        st.write(plain(f"Classes: {', '.join(list(preview.classes)[:_SHOWN])}{' ...' if len(preview.classes) > _SHOWN else ''}"))
        _show_folders(preview)
        return
    names = list(preview.splits) if len(preview.splits) > 1 else []
    rows = [
        [name, *(f"{preview.splits[split].get(name, 0):,}" for split in names), f"{count:,}"]
        for name, count in sorted(preview.classes.items())[:_SHOWN]
    ]
    columns = [
        table.Column(title, number=True) for title in (*(name.capitalize() for name in names), "All" if names else "Images")
    ]
    table.show([table.Column("Class"), *columns], rows)
    if len(preview.classes) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {len(preview.classes):,} classes.")


def _show_boxes(preview: UploadPreview) -> None:
    images, total = dataset_words.counted(preview.num_examples or 0, "image"), sum(preview.classes.values())
    boxes = dataset_words.counted(total, "box", "boxes")
    classes = dataset_words.counted(len(preview.classes), "class", "classes")
    st.write(f"**{plain(preview.file_name)}**: {images} with {boxes} of {classes}.")
    _show_folders(preview)
    ranked = sorted(preview.classes.items(), key=lambda pair: -pair[1])[:_SHOWN]
    table.show([table.Column("Class"), table.Column("Boxes", number=True)], [[name, f"{count:,}"] for name, count in ranked])
    if len(preview.classes) > _SHOWN:
        st.caption(f"The {_SHOWN} most frequent of {len(preview.classes):,} classes.")


def _show_folders(preview: UploadPreview) -> None:
    """Draw how many images each folder of a split has."""
    splits = {name: sum(counts.values()) for name, counts in preview.splits.items()}
    if splits:
        rows = [[name.capitalize(), f"{count:,}"] for name, count in splits.items()]
        table.show([table.Column("Folder"), table.Column("Images", number=True)], rows)


def choices(preview: UploadPreview) -> dict[str, Any]:
    """Draw size, proportions and colors."""
    fitting = prepare.fitting_size(preview.usual_side)
    offered: dict[str, int | None] = {_square(size): size for size in sorted({*prepare.SIZES, fitting}, reverse=True)}
    offered[_ORIGINAL] = None
    size = st.selectbox("Size of the images", list(offered), list(offered).index(_square(fitting)), key="dataset_size")
    if preview.usual_side:
        st.caption(
            f"The longer side of your images is usually {preview.usual_side:,} pixels and at most {preview.longest_side:,} (of "
            "those that were measured). Smaller images train faster."
        )
    fit = st.radio(
        "Images that are not square",
        list(_FITS),
        horizontal=True,
        key="dataset_fit",
        help="A margin in the color of the edges keeps the whole image and its proportions. Cutting off the edges keeps the "
        "middle. Stretching distorts the image. Images for predictions are treated in the same way.",
    )
    color = st.radio("Colors", list(_COLORS), horizontal=True, key="dataset_color")
    task = preview.guessed_tasks[preview.guessed_target]
    chosen = {"image_size": offered[size], "fit": _FITS[fit], "color": _COLORS[color]}
    return {"target": preview.guessed_target, "task": task, **chosen}


def _square(size: int) -> str:
    return f"{size} x {size} pixels"


def tab(title: str, viewer: User | None, version: DatasetVersion, data: DataSpec) -> None:
    """Draw the gallery, the images on average, or the odd ones."""
    shown = {
        _MEANS: lambda profile: explored.averages(profile, data),
        _ODD: lambda profile: explored.odd(version, data, profile),
    }
    shared.tab(title, viewer, version, {_GALLERY: lambda: _gallery(version, data)}, shown)


@st.fragment
def _gallery(version: DatasetVersion, data: DataSpec) -> None:
    """Draw the training images, of all groups or of one, page by page."""
    chosen, total = shared.group(data, f"gallery_{version.id}")
    offset = pager.pager(f"pictures_{version.id}_{chosen}", total, _ON_A_PAGE)
    with shown_or_stopped():
        found = example_service.gallery(get_viewer(), version.id, chosen, offset, _ON_A_PAGE)
    view = require_view(data.task)
    view.legend(data)
    pictures.figures([figure(one, data) for one in found], view.OPACITY)


def figure(picture: Picture, data: DataSpec) -> Figure:
    """Return a picture with what is true of it."""
    view = require_view(data.task)
    return picture.png, view.overlay(picture.truth, data), view.caption(picture.truth, data)


def mistakes(viewer: User | None, run: Run) -> None:
    """A run keeps none of images."""


def take_input(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given | None:
    """Take uploaded pictures, or one that the model learned from."""
    endings = [*_ENDINGS, *given_file.endings(data)]
    files = st.file_uploader(
        "Your images, or a zip of them", endings, accept_multiple_files=True, max_upload_size=10, key="predict_files"
    )
    if files:
        return given_file.together([_given(data, file) for file in files])
    if dataset_version_id is None:
        return None
    number = example_number(data.num_train, str(dataset_version_id))
    found = example_service.gallery(viewer, dataset_version_id, None, number - 1, 1) if number else []
    if not found:
        return None
    return Given((found[0].png,), (f"Training example {number}",), found[0].truth)


def _given(data: DataSpec, file: Any) -> Given:
    """Return an image as it is, or those in an archive."""
    if file.name.lower().endswith(tuple(f".{ending}" for ending in given_file.endings(data))):
        return given_file.read(data, file)
    return Given((file.getvalue(),), (file.name,))
