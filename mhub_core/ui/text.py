"""Text of people, made safe for Streamlit's Markdown and for names of files."""

from __future__ import annotations

import re
import unicodedata

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


def file_stem(name: str) -> str:
    """Return the name of a file for something that people named: plain letters, digits and single dashes."""
    plain_letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain_letters).strip("-")[:40].strip("-") or "model"
