"""The first line of a description, on the cards of the lists."""

import re

import pytest

from mhub_core.ui.text import file_stem, plain, summary, without_images, without_markdown


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
        ("[the plant](https://en.example.org/wiki/Iris_(plant)) here", "the plant here"),
        ("[![a badge](https://e.org/b.svg)](https://e.org) made", "a badge made"),
        ("see [the paper][1] and <https://example.org/a>", "see the paper and https://example.org/a"),
    ],
)
def test_markdown_becomes_the_text_that_it_shows(markdown, plain):
    assert without_markdown(markdown) == plain


def test_a_card_shows_the_first_paragraph_only():
    assert summary("\n---\nIrises of\n**three** species.\n\nMore below.", 200) == "Irises of three species."
    assert summary("# Irises\nOf three species.\nMeasured by hand.\n## More\nText", 200) == "Of three species. Measured by hand."
    assert summary("Irises\n------\n\n[1]: https://example.org\n\nOf three species.", 200) == "Of three species."
    assert summary("# Irises", 200) == summary("\nIrises\n===", 200) == "Irises"
    assert summary("```\ncode\n```", 200) == "code"
    assert summary("", 200) == summary("\n\n---\n", 200) == ""


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("![a cat](cat.png) ![](dog.png)", "[a cat](cat.png) [image](dog.png)"),
        ("[![a badge](b.svg)](https://e.org)", "[a badge](https://e.org)"),
        ("[![a cat][1]](https://e.org)", "[[a cat][1]](https://e.org)"),
        ("!![a](b) !!!![c][d]", "[a](b) [c][d]"),
        ("[![x](y)![z](w)](v)", "[[x](y)[z](w)](v)"),
    ],
)
def test_images_of_people_become_links_however_they_are_written(written, shown):
    assert without_images(written) == shown
    assert "![" not in without_images(written)


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
