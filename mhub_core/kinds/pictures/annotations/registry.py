"""Every format of boxes: one line for each. The first that finds its files is the guess."""

from __future__ import annotations

from mhub_core.kinds.pictures.annotations.coco import Coco
from mhub_core.kinds.pictures.annotations.records import Format
from mhub_core.kinds.pictures.annotations.voc import Voc
from mhub_core.kinds.pictures.annotations.yolo import Yolo

FORMATS: tuple[Format, ...] = (Coco(), Voc(), Yolo())
