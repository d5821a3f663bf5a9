"""Which design was drawn for which data: asked of every stock architecture and every sort of data that the hub trains."""

from __future__ import annotations

import pytest

from mhub_core.data.records import DataSpec
from mhub_core.graphs import stock
from mhub_core.graphs.stock import Stock
from mhub_core.training import fits
from tests import factories


def spec(kind: str, task: str) -> DataSpec:
    shape = {"table": [7], "images": [32, 32, 3], "text": [40], "series": [50, 2]}[kind]
    target = {"name": "it", "classes": ["a", "b", "c"] if task != "regression" else []}
    return DataSpec(kind, task, {}, {"shape": shape, "num_words": 500}, target, 10, 8, 2)


SORTS = [
    ("table", "classification"),
    ("table", "regression"),
    ("images", "classification"),
    ("images", "segmentation"),
    ("images", "detection"),
    ("text", "classification"),
    ("text", "regression"),
    ("series", "classification"),
    ("series", "regression"),
]


@pytest.mark.parametrize("item", [one for one in stock.STOCK if (one.kind, one.task) in SORTS], ids=lambda one: one.name)
def test_a_stock_architecture_is_for_the_data_that_it_is_made_for_and_for_no_other(item: Stock) -> None:
    found = [sort for sort in SORTS if fits.is_for(item.graph(), spec(*sort))]
    assert found == [(item.kind, item.task)]


def test_a_model_without_a_last_activation_is_for_classes_when_it_has_several_outputs() -> None:
    classes, number = spec("table", "classification"), spec("table", "regression")
    assert fits.is_for(factories.chain(8, 3), classes) and not fits.is_for(factories.chain(8, 3), number)
    assert fits.is_for(factories.chain(8, 1), number) and not fits.is_for(factories.chain(8, 1), classes)


def test_what_is_offered_for_data_is_for_it() -> None:
    for sort in SORTS:
        data = spec(*sort)
        offered = fits.list_stock(data)
        assert offered and fits.is_for(offered[0].graph(), data)
