"""Text of people, made safe for Streamlit's Markdown and for names of files."""

from __future__ import annotations

import re

from mhub_core.sharing.markdown import summary, without_markdown
from mhub_core.sharing.texts import file_stem

__all__ = ["file_stem", "plain", "short", "summary", "without_images", "without_markdown"]
_ANYWHERE = re.compile(r"([\\`*_{}\[\]<>#|~$:&!])")
_AT_LINE_START = re.compile(r"^([-+=]|\d{1,9}(?=[.)](\s|$)))")


# What Streamlit would make a link to elsewhere of, whatever is escaped. An invisible sign stands in the way: the word joiner.
_LINK = re.compile(r"https?(?=://)|www(?=\.)", re.IGNORECASE)


def plain(text: str) -> str:
    """Return text in which no character means anything to Markdown, so that it is shown as it was typed, and leads nowhere."""
    return "  \n".join(_line(line.strip()) for line in text.splitlines())


_LINKED_IMAGE = re.compile(r"\[!\[([^\[\]]+)\]\([^()\[\]]*\)\](?=\()")  # an image that is the text of a link


def without_images(markdown: str) -> str:
    """Return Markdown of people that links to images instead of showing them: they could call other machines."""
    return re.sub(r"!+\[", "[", _LINKED_IMAGE.sub(r"[\1]", markdown).replace("![]", "[image]"))


def _line(line: str) -> str:
    line = _ANYWHERE.sub(r"\\\1", _LINK.sub("\\g<0>\u2060", line))
    start = _AT_LINE_START.match(line)  # a list or an underlined heading
    if start is None:
        return line
    return f"\\{line}" if not start[0].isdigit() else f"{start[0]}\\{line[start.end() :]}"


def short(text: str, length: int = 20) -> str:
    """Return text that fits a button, as `plain` does."""
    return plain(text if len(text) <= length else f"{text[: length - 1]}…")
