"""Plain tables of text and links."""

from __future__ import annotations

from mhub_core.ui.table import Column, Link, to_html


def test_what_a_phone_has_no_column_for_is_below_the_link_there():
    html = to_html(
        [Column("Model"), Column("Run", wide_only=True)], [[Link("Small net", "Run", 7, "epochs <20>"), "epochs <20>"]]
    )
    assert "Run?id=7" in html and "<span class='narrow-only'>epochs &lt;20&gt;</span>" in html
    assert "<td class='wide-only'>epochs &lt;20&gt;</td>" in html
