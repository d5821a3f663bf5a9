"""Two designs beside each other: what was added, removed and changed between them."""

from __future__ import annotations

from mhub_core.graphs import difference, edit
from tests import factories


def told(one: dict, other: dict) -> list[tuple[str, str]]:
    return [((pair.one or pair.other)["class"], pair.change) for pair in difference.pairs(one, other)]


def test_a_design_beside_itself_shows_no_change():
    graph = factories.chain(8, 3)
    assert {change for _, change in told(graph, graph)} == {difference.SAME}


def test_a_changed_setting_is_told_with_both_values():
    [pair] = [pair for pair in difference.pairs(factories.chain(8, 3), factories.chain(16, 3)) if pair.change != difference.SAME]
    assert pair.change == difference.CHANGED and pair.changes == {"units": (8, 16)}


def test_a_layer_in_between_was_added_and_leaves_the_others_as_they_were():
    one = factories.chain(8, 3)
    other, _ = edit.add_node(one, "Dropout", config={"rate": 0.5}, after=one["nodes"][1]["id"])
    changed = [pair for pair in told(one, other) if pair[1] != difference.SAME]
    assert changed == [("Dropout", difference.ADDED)]
    assert [pair for pair in told(other, one) if pair[1] != difference.SAME] == [("Dropout", difference.REMOVED)]


def test_the_first_of_three_like_layers_that_goes_is_the_one_that_is_told():
    one = factories.chain(32, 16, 3)
    other = edit.remove(one, one["nodes"][1]["id"])
    gone = [pair.one for pair in difference.pairs(one, other) if pair.change == difference.REMOVED]
    assert [node["config"]["units"] for node in gone] == [32]


def test_designs_that_share_nothing_are_all_removed_and_all_added():
    one, other = factories.chain(8), {"format": 1, "nodes": [], "edges": []}
    assert {change for _, change in told(one, other)} == {difference.REMOVED}
    assert difference.pairs(other, other) == []
