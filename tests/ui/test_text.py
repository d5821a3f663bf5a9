"""The first line of a description, on the cards of the lists."""

import re

import pytest

from mhub_core.ui.text import file_stem, plain, summary, without_markdown


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**Bold**, *leaning*, `code` and ~~gone~~", "Bold, leaning, code and gone"),
        ("## A heading", "A heading"),
        ("- [ ] see [the page](https://example.org) ![a cat](cat.png)", "[ ] see the page a cat"),
        ("> 1. quoted", "quoted"),
        (":red[hot] and <b>fat</b>", "hot and fat"),
        ("a snake_case_name and 2 \\* 3", "a snake_case_name and 2 * 3"),
        ("_first_ and __second__", "first and second"),
    ],
)
def test_markdown_becomes_the_text_that_it_shows(markdown, plain):
    assert without_markdown(markdown) == plain


def test_a_card_shows_the_first_paragraph_only():
    assert summary("\n---\nIrises of\n**three** species.\n\nMore below.", 200) == "Irises of three species."
    assert summary("# Irises\nOf three species.", 200) == "Irises"
    assert summary("```\ncode\n```", 200) == "code"
    assert summary("", 200) == summary("\n\n---\n", 200) == ""


def test_a_long_line_is_cut():
    assert summary("word " * 100, 20) == "word word word word…"


def test_no_text_takes_long_to_read():
    for piece in ("[", "](", "![a](", "_a", "<", ":red[", "**", "\\", "`"):
        assert len(summary(piece * 50_000, 200)) <= 200


@pytest.mark.parametrize("text", ["http://evil.example/x", "HTTPS://evil.example", "www.evil.example"])
def test_nothing_in_plain_text_is_made_a_link_and_it_reads_as_it_was_typed(text: str) -> None:
    # What Streamlit's Markdown makes links of, after it took the escapes away (mdast-util-gfm-autolink-literal).
    links = r"(https?://|www(?=\.))([-.\w]+)"
    shown = plain(f"see {text} now").replace("\\", "")
    assert re.search(links, text, re.IGNORECASE) and not re.search(links, shown, re.IGNORECASE)
    assert shown.replace("\u2060", "") == f"see {text} now"


def test_a_download_is_named_after_what_people_named():
    assert file_stem("My Größte *Net* (v2)") == "my-grote-net-v2"
    assert file_stem("../..") == file_stem("模型") == "model"
