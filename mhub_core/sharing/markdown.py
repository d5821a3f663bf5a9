"""Markdown of people as plain text, for where one line of it is told."""

from __future__ import annotations

import re

# Each pattern stops at the next bracket or tag, so that no text makes it look twice at the same place.
_LINK_OR_IMAGE = re.compile(r"!?\[([^\[\]]*)\](?:\((?:[^()\[\]]|\([^()\[\]]*\))*\)|\[[^\[\]]*\])")
_TO_PLAIN = (
    (re.compile(r"<(https?://[^<>\s]{1,300})>"), r"\1"),
    (re.compile(r"<[^<>]{0,300}>"), ""),  # tags of HTML
    (_LINK_OR_IMAGE, r"\1"),  # what is shown of them
    (_LINK_OR_IMAGE, r"\1"),  # an image may be the text of a link
    (re.compile(r":[a-z]+(?:-background)?\[([^\[\]]*)\]"), r"\1"),  # Streamlit's colours
    (re.compile(r"(?<!\\)(\*{1,3}|~~|`+)"), ""),
    (re.compile(r"(?<![\w\\])_{1,3}(?=\S)|(?<=\S)(?<!\\)_{1,3}(?!\w)"), ""),
    (re.compile(r"\\([\\`*_{}\[\]<>#|~$:&!().+-])"), r"\1"),
)
_BLOCK = re.compile(r"^(#{1,6}\s|>|[-*+]\s|\d{1,9}[.)]\s|\||```|~~~)")
_BLOCK_MARK = re.compile(r"^(?:#{1,6}\s+|>\s*|[-*+]\s+|\d{1,9}[.)]\s+)+")
_NO_TEXT = re.compile(r"^([-=*_|:\s]*|```.*|~~~.*|\[[^\[\]]*\]:.*)$")  # nor does where a link leads
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)\s*$")  # what makes a heading of the line above
_MOST_READ = 2000


def without_markdown(text: str) -> str:
    """Return a line of Markdown as plain text: without emphasis, headings, links, tags and the like."""
    line = _BLOCK_MARK.sub("", text.strip())
    for pattern, kept in _TO_PLAIN:
        line = pattern.sub(kept, line)
    return " ".join(line.replace("|", " ").split())


def summary(markdown: str, length: int) -> str:
    """Return the first paragraph of a description as one line of plain text, cut to a length; without one, its first heading."""
    found: list[str] = []
    heading = ""
    lines = markdown[:_MOST_READ].splitlines()
    for line, next_line in zip(lines, [*lines[1:], ""], strict=False):
        is_text = not _NO_TEXT.match(line.strip()) and without_markdown(line)
        if found and (not is_text or _BLOCK.match(line.strip())):
            break
        if is_text and (line.lstrip().startswith("#") or _UNDERLINE.match(next_line)):
            heading = heading or without_markdown(line)
        elif is_text:
            found.append(without_markdown(line))
    return _cut_at_word(" ".join(found) or heading, length)


def _cut_at_word(text: str, length: int) -> str:
    """Return text that is no longer than `length`, without half a word at its end."""
    if len(text) <= length:
        return text
    head, blank, _ = text[:length].rpartition(" ")
    return f"{head if blank else text[: length - 1]}…"
