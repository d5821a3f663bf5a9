"""What the comments room hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Comment:
    """A comment as its reader may see it. `text`: Markdown, empty once it was deleted; `author_name` None: a person who left."""

    id: int
    author_id: int | None
    author_name: str | None
    text: str
    created: datetime
    is_edited: bool
    is_deleted: bool
    may_edit: bool
    may_delete: bool


@dataclass(frozen=True)
class Thread:
    """A comment with the replies to it, oldest first."""

    comment: Comment
    replies: tuple[Comment, ...]


@dataclass(frozen=True)
class Discussion:
    """One page of what was said about a thing, the newest thread first. `num_comments` counts replies too."""

    threads: tuple[Thread, ...]
    num_threads: int
    num_comments: int
