"""What the names in an archive say: which files are images, of which class or with which mask, and in which split.

Every guess is an option that a person can change; a preview and a preparation read with the same code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mhub_core.data.records import Option
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.pictures import archive as archives
from mhub_core.kinds.pictures import boxed, copies, given, labels, pairs, paths, ways
from mhub_core.kinds.pictures.annotations.records import Annotated
from mhub_core.kinds.pictures.annotations.registry import FORMATS
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import MAX_SHOWN, Entry, clean, entries, fewer
from mhub_core.kinds.pictures.places import Placed, place
from mhub_core.kinds.pictures.records import Example, Layout
from mhub_core.kinds.pictures.spelling import Spelling, blanks
from mhub_core.kinds.pictures.ways import Way
from mhub_core.tasks.classification import MAX_CLASSES

CLASS_FROM, MASKS = "class_from", "masks"
CLASSIFICATION, SEGMENTATION, DETECTION = "classification", "segmentation", "detection"


def read(archive: Archive, chosen: dict[str, Any], task: str | None = None) -> Layout:
    """Sort the files of an archive. `chosen`: what was chosen otherwise than guessed; `task`: the only one that may be found.

    Raises Invalid or TooLarge when there are no images, or nothing that tells their classes.
    """
    found = entries(archive.files)
    _refuse_documents(found)
    about = [entry for entry in found if entry.tells_about]
    placed = place([entry for entry in found if not entry.tells_about])
    images = [one for one in placed if one.entry.may_be_image]
    others = [one for one in placed if not one.entry.may_be_image]
    if not images:
        raise _no_images([*others, *placed])
    paired = pairs.find([image.entry for image in images]) if task in (None, SEGMENTATION) else None
    archives.require_few(len(paired.pairs) if paired else len(images))
    with_boxes = _with_boxes_found(archive, images, others) if task in (None, DETECTION) else {}
    by_class = [] if task in (SEGMENTATION, DETECTION) else _class_ways(archive, others, images, chosen)
    offered = [(one.name, f"{one.words}: a box around each object") for one in FORMATS if one.name in with_boxes]
    offered += ([(MASKS, "Masks: a class for each pixel")] if paired else []) + [(w.value, w.words) for w in by_class]
    if not offered:
        raise _no_class(images, task)
    way = _chosen_way(offered, chosen)
    option = Option(CLASS_FROM, "What tells the class", way, tuple(offered))
    files_about = [entry.name for entry in about]
    if way in with_boxes:
        layout = _with_boxes(with_boxes[way], images, others, files_about, chosen)
    elif way == MASKS and paired:
        layout = _with_masks(paired, images, others, files_about)
    else:
        layout = _with_classes(next(one for one in by_class if one.value == way), images, others, files_about, chosen)
    options = [option] if len(offered) > 1 else []
    warnings = (*layout.warnings, *_empty_folders(archive, found))
    layout = replace(layout, options=(*options, *layout.options), warnings=warnings)
    return copies.told(given.split(layout, chosen), chosen)


def _class_ways(archive: Archive, others: list[Placed], images: list[Placed], chosen: dict[str, Any]) -> list[Way]:
    """Return the ways that fit, the likeliest first: folders, then a file of labels, then the beginnings of names."""
    found = ways.folder_ways(images)
    files = labels.find(archive, [other.entry for other in others], images, chosen)
    found += [ways.labels_way(one) for one in files]
    by_prefix = ways.prefix_way(images)
    return found + ([by_prefix] if by_prefix and not (found and _agree(found[0], by_prefix, images)) else [])


def _agree(one: Way, other: Way, images: list[Placed]) -> bool:
    """Tell whether two ways sort images alike, as in cat/cat_1.jpg."""
    pairs = {(one.class_of(image), other.class_of(image)) for image in images}
    return len(pairs) == len({first for first, _ in pairs}) == len({second for _, second in pairs})


def _chosen_way(offered: Sequence[tuple[str, str]], chosen: dict[str, Any]) -> str:
    asked = chosen.get(CLASS_FROM, offered[0][0])
    if asked not in dict(offered):
        one_of = "; ".join(words for _, words in offered)
        raise Invalid(f"The classes cannot be read from {str(asked)[:40]!r}.", f"One of: {one_of}.", "Choose one of these.")
    return str(asked)


def _with_classes(way: Way, images: list[Placed], others: list[Placed], about: list[str], chosen: dict[str, Any]) -> Layout:
    """Give each image its class; where folders name them, also what else lies in such a folder, to be refused by its content."""
    names = {image.entry: None if image.is_outside else way.class_of(image) for image in images}
    classes = {name for name in names.values() if name}
    if way.takes_any_file:
        names |= {one.entry: name for one in others if (name := way.class_of(one)) in classes}
    left = [one.entry.name for one in others if one.entry not in names and way.value != f"file {one.entry.name}"]
    spelling = Spelling({name for name in names.values() if name}, chosen)
    examples, refused = [], []
    for one in sorted([*images, *others], key=lambda one: one.entry.file):
        if one.entry not in names:
            continue
        name = names[one.entry]
        if name:
            examples.append(Example(one.entry.file, spelling.of(name), split=one.split))
        else:
            refused.append(
                (one.entry.file.name[:200], "lies beside the folders of the splits" if one.is_outside else way.missing)
            )
    warnings = [*_not_used([*about, *left]), *way.notes, *spelling.warnings()]
    warnings += blanks(examples) if way.takes_any_file else []
    layout = Layout(CLASSIFICATION, tuple(examples), tuple(refused), tuple(warnings), (*way.options, *spelling.options()))
    if len(layout.classes) < 2:
        raise _one_class(layout)
    if len(layout.classes) > MAX_CLASSES:
        told = f"The images have {len(layout.classes):,} classes."
        raise TooLarge(told, f"At most {MAX_CLASSES:,} classes.", "Use fewer folders, each with the images of one class.")
    return layout


def _with_masks(paired: pairs.Paired, images: list[Placed], others: list[Placed], about: list[str]) -> Layout:
    splits = {image.entry: image.split for image in images}
    pair_of = sorted(paired.pairs, key=lambda pair: pair[0].file)
    examples = tuple(Example(image.file, mask=mask.file, split=splits[image]) for image, mask in pair_of)
    texts = tuple(one.entry for one in others if pairs.may_name_values(one.entry))
    left = [one.entry.name for one in others if one.entry not in texts]
    refused = tuple((entry.file.name[:200], why) for entry, why in paired.refused)
    return Layout(SEGMENTATION, examples, refused, tuple(_not_used([*about, *left])), (), texts)


def _with_boxes_found(archive: Archive, images: list[Placed], others: list[Placed]) -> dict[str, Annotated]:
    """Return what the files of each format of boxes say, by its name."""
    photos = [image for image in images if not pairs.is_mask(image.entry)] or images
    found = {one.name: one.find(archive, photos, others) for one in FORMATS}
    return {name: one for name, one in found.items() if one is not None}


def _with_boxes(
    annotated: Annotated, images: list[Placed], others: list[Placed], about: list[str], chosen: dict[str, Any]
) -> Layout:
    photos = [image for image in images if not pairs.is_mask(image.entry)] or images
    read = {*annotated.used, *(image.entry for image in photos)}
    left = [one.entry.name for one in others if one.entry not in read]
    masks = len(images) - len(photos)
    sentences = [*_not_used([*about, *left]), *([f"Not used, because boxes are: {masks:,} masks."] if masks else ())]
    return boxed.layout(DETECTION, annotated, photos, sentences, chosen)


def _not_used(names: list[str]) -> list[str]:
    """Tell of files that are no images, those of one folder together."""
    if not names:
        return []
    by_folder = Counter(name.rpartition("/")[0] for name in names)
    shown = [name if by_folder[name.rpartition("/")[0]] < 4 else "" for name in names]
    folders = [f"{count:,} files in {folder or 'no folder'}" for folder, count in by_folder.items() if count >= 4]
    return [f"Not used, because they are not images: {fewer([*filter(None, shown), *folders])}."]


def _empty_folders(archive: Archive, found: list[Entry]) -> list[str]:
    """Tell of folders in which nothing lies."""
    filled = {"/".join(entry.folders[:depth]) for entry in found for depth in range(len(entry.folders) + 1)}
    empty = [name for name in map(clean, archive.folders) if name not in filled and not paths.is_hidden(name.split("/"))]
    return [f"Empty folders, which make no class: {fewer(empty)}."] if empty else []


def _refuse_documents(found: list[Entry]) -> None:
    if any(entry.file.name == "[Content_Types].xml" for entry in found):
        told = "This is an office document, not a zip of images."
        raise Invalid(told, "A CSV file, or a zip of images.", "Save the table as CSV.")


def _no_images(others: list[Placed]) -> Invalid:
    names = fewer(dict.fromkeys(other.entry.name for other in others))
    return Invalid(
        f"The archive contains no image{f', but {names}' if names else ''}.",
        "PNG, JPEG, GIF, BMP, WebP or TIFF files, in one folder for each class.",
        "Upload a zip of images; upload a table by itself, as a CSV file.",
    )


def _no_class(images: list[Placed], task: str | None) -> Invalid:
    if task == DETECTION:
        wanted = "A COCO JSON file, or for each image a Pascal VOC XML file or a YOLO text of the same name."
        return Invalid("The archive contains no boxes.", wanted, "Add the files with the boxes, or choose another task.")
    if task == SEGMENTATION:
        wanted = "A mask of the same name for each image, such as images/1.jpg and masks/1.png, or 1.jpg and 1_mask.png."
        return Invalid("The archive contains no masks.", wanted, "Add the masks, or choose classification.")
    folders = {image.folders[0][:MAX_SHOWN] for image in images if image.folders}
    found = f"only one class ({min(folders)!r})" if len(folders) == 1 else "no class folder"
    return Invalid(
        f"The archive contains {found}.",
        "Two or more folders of images, whose names are the classes; or file names such as cat.1.jpg and dog.1.jpg; or a CSV "
        "file with the name and the class of each image.",
        "Sort the images into folders, such as cat/1.jpg and dog/1.jpg.",
    )


def _one_class(layout: Layout) -> Invalid:
    found = f"one class ({layout.classes[0]!r})" if layout.classes else "no image with a class"
    return Invalid(f"Read in this way, the archive contains only {found}.", "Two classes or more.", "Choose otherwise.")
