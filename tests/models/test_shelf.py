"""Own blocks and the clipboard: what is kept, and that nobody else reaches it."""

from __future__ import annotations

import pytest

from mhub_core.errors import Invalid, NotFound, SignInRequired
from mhub_core.graphs import design, edit
from mhub_core.models import shelf_service as shelf


def test_a_block_is_kept_renamed_and_deleted(ada, chain):
    block_id = shelf.save_block(ada, "  My   block ", "Two dense layers.", chain)
    shelf.save_block(ada, "another", "", chain)
    assert [block.name for block in shelf.list_blocks(ada)] == ["another", "My block"]
    assert shelf.require_block(ada, block_id).graph == chain
    shelf.rename_block(ada, block_id, "Pair", "Two layers.")
    assert [(block.name, block.help) for block in shelf.list_blocks(ada)] == [("another", ""), ("Pair", "Two layers.")]
    shelf.delete_block(ada, block_id)
    assert [block.name for block in shelf.list_blocks(ada)] == ["another"]
    assert (shelf.num_blocks(ada), shelf.num_blocks(None)) == (1, 0)


def test_another_persons_block_does_not_exist_even_for_the_administrator(ada, bob, admin, chain):
    block_id = shelf.save_block(ada, "Pair", "", chain)
    for stranger in (bob, admin, None):
        assert shelf.list_blocks(stranger) == []
        for verb in (shelf.require_block, shelf.delete_block, lambda user, key: shelf.rename_block(user, key, "Mine", "")):
            with pytest.raises(NotFound):
                verb(stranger, block_id)
    assert shelf.require_block(ada, block_id).name == "Pair"


def test_what_is_wrong_with_a_block_is_told_at_once(ada, chain, monkeypatch):
    with pytest.raises(Invalid) as caught:
        shelf.save_block(ada, " ", "x" * 400, chain)
    assert set(caught.value.problems) == {"name", "help"}
    with pytest.raises(Invalid) as caught:
        shelf.save_block(ada, "a\x00b", "\x00", chain)
    assert set(caught.value.problems) == {"name", "help"}
    with pytest.raises(Invalid, match="nothing to save"):
        shelf.save_block(ada, "Empty", "", design.empty())
    with pytest.raises(Invalid):
        shelf.save_block(ada, "Hostile", "", {**chain, "nodes": [{**chain["nodes"][0], "name": "<script>"}]})
    with pytest.raises(SignInRequired):
        shelf.save_block(None, "Visitor", "", chain)
    monkeypatch.setattr(shelf, "MOST_BLOCKS", 1)
    shelf.save_block(ada, "One", "", chain)
    with pytest.raises(Invalid, match="1 blocks already"):
        shelf.save_block(ada, "Two", "", chain)


def test_what_was_copied_last_is_on_ones_own_clipboard_only(ada, bob, chain):
    assert shelf.clipboard(ada) is None and shelf.clipboard(None) is None
    shelf.copy_to_clipboard(ada, chain)
    shorter = edit.remove(chain, "n2")
    shelf.copy_to_clipboard(ada, shorter)
    assert shelf.clipboard(ada) == shorter
    assert shelf.clipboard(bob) is None
    with pytest.raises(Invalid):
        shelf.copy_to_clipboard(ada, {"nodes": "drop table"})
    with pytest.raises(SignInRequired):
        shelf.copy_to_clipboard(None, chain)
