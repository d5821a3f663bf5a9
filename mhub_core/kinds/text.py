"""Texts: one example is a text, such as a review or a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Progress, UploadPreview
from mhub_core.data.split_ways import WAYS
from mhub_core.errors import Invalid, MHubError, TooLarge
from mhub_core.graphs import adapt
from mhub_core.graphs.adapt import Input
from mhub_core.kinds import grouping
from mhub_core.kinds.kind import IF_CHOSEN, LIKELY, NEVER, Decoded, Opened, Prepared, Recipes
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.texts import asking, columns, prepare, preview, process, vocabulary, words
from mhub_core.kinds.texts.recipes import TextRecipes

MAX_TEXTS = 1_000
MAX_BYTES = 4_000_000
_TABLE = "table"


class Text:
    """`x` is int32 `(texts, words)`; `input` is `{"shape", "text", "columns", "words", "num_words"}`; the rows are `parquet`.

    0 fills a short text up, 1 is an unknown word, the known ones follow (`input["words"]`, with line ends between them).
    """

    name = prepare.TEXT
    noun = ("text", "texts")
    help = "each text, such as a review, is one example"
    split_ways: tuple[str, ...] = tuple(WAYS)
    tasks: tuple[str, ...] = ("classification", "regression")
    epochs = 10
    notices: tuple[str, ...] = ()
    asked_endings: tuple[str, ...] = (*formats.ENDINGS, ".md")
    decodes_files = False
    num_mistakes = 20
    recipes: Recipes | None = TextRecipes()

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """A file of texts is a table, too; which of the two is meant says `likeness`."""
        return False

    def likeness(self, found: str, path: Path, file_name: str, chosen: dict[str, Any]) -> int:
        """Any table with a column of words may be meant so; one of sentences and little else likely is."""
        if found != _TABLE:
            return NEVER
        try:
            likely = preview.is_likely(path, file_name, chosen)
        except MHubError:  # the table itself says what is wrong
            return NEVER
        return NEVER if likely is None else LIKELY if likely else IF_CHOSEN

    def preview(self, path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
        """Look at the first rows of a file."""
        return preview.preview(path, file_name, chosen)

    def check_request(self, target: str, task: str, choices: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Which column holds the texts, which is the label, how long a text may be and how many words are known."""
        text, length = str(choices.get("text") or ""), choices.get("length")
        max_words = choices.get("max_words", vocabulary.DEFAULT_WORDS)
        problems = {} if task in self.tasks else {"task": f"must be one of {', '.join(self.tasks)}"}
        if not text or text == target:
            problems["text"] = "must be another column than the label" if text else "must be a column of the table"
        if length is not None and not _is_whole(length, vocabulary.MIN_LENGTH, vocabulary.MAX_LENGTH):
            problems["length"] = f"must be a whole number from {vocabulary.MIN_LENGTH} to {vocabulary.MAX_LENGTH:,}, or None"
        if not _is_whole(max_words, vocabulary.MIN_WORDS, vocabulary.MAX_WORDS):
            problems["max_words"] = f"must be a whole number from {vocabulary.MIN_WORDS} to {vocabulary.MAX_WORDS:,}"
        chosen = {"text": text, "length": length, "max_words": max_words, "reading": choices.get("reading") or {}}
        return {"target": target, "task": task, **chosen}, problems

    def prepare(self, path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> Prepared:
        """Read a file."""
        return prepare.prepare_file(path, request, folder, progress)

    def keep(self, loaded: pl.DataFrame, target: str, task: str, folder: Path) -> Prepared:
        """Number the words of the column that is likely the texts."""
        text = columns.find(loaded.drop(target))[0].name
        return prepare.keep_frame(loaded, prepare.Wanted(text, target, task), folder, lambda *_: None)

    def notice(self, x: np.ndarray) -> dict[str, Any]:
        """The vocabulary knows all."""
        return {}

    def groups(self, data: DataSpec, path_of: Callable[[str], Path]) -> pl.Series | None:
        """Look into the table."""
        return grouping.column_of(data, path_of, "parquet")

    def shape_words(self, data: DataSpec) -> str:
        """Tell the length and the size of the vocabulary."""
        return f"{data.input_shape[0]:,} words, {len(vocabulary.numbers_of(data.input['words'])):,} known"

    def input(self, data: DataSpec) -> Input:
        """The numbers of words."""
        return adapt.text(data.input_shape[0], data.input["num_words"])

    def open(self, data: DataSpec, path: Path, file_name: str, chosen: dict[str, Any]) -> Opened:
        """Read a column of texts out of any format of tables; a file of plain text is one text."""
        return asking.opened(path, file_name, data.input["text"], chosen)

    def check_inputs(self, data: DataSpec, given: Sequence[Any]) -> dict[str, Any]:
        """Take texts."""
        if not given:
            raise Invalid("There is no text to predict.", "One or more texts.", "Enter a text.")
        if not all(isinstance(text, str) for text in given):
            raise Invalid("This is no text.", "This model was trained on texts: it takes words.", "Enter a text.")
        texts = [text[: words.MAX_LETTERS] for text in given[: MAX_TEXTS + 1]]
        if len(given) > MAX_TEXTS or sum(len(text.encode(errors="replace")) for text in texts) > MAX_BYTES:
            told = f"At most {MAX_TEXTS:,} texts and {MAX_BYTES / 1e6:.0f} MB together."
            raise TooLarge("This is too much at once.", told, "Give fewer or shorter texts.")
        return {"texts": [text.encode(errors="replace").decode() for text in texts]}

    def decode(self, data: DataSpec, inputs: dict[str, Any]) -> Decoded:
        """Number the words as those of the dataset were; a text without any cannot be read."""
        (length,), known = data.input_shape, data.input["words"]
        rows: list[np.ndarray] = []
        problems: dict[int, MHubError] = {}
        notes: dict[int, str] = {}
        given = inputs["texts"]
        for place, (text, written) in enumerate(zip(process.replayed(data, given), given, strict=True)):
            found = words.words(text)
            if not found:
                problems[place] = _wordless(written)
                continue
            rows.append(vocabulary.encode(found, known, length))
            if told := _note(found, known, length):
                notes[place] = told
        if not rows:
            raise problems[0]
        return Decoded(np.stack(rows), problems, notes)

    def picture(self, x: np.ndarray) -> None:
        """A text is no picture."""
        return None


def _wordless(text: str) -> Invalid:
    if words.words(text):
        told = "Nothing of the text is left after the steps by which the data of this model was cleaned."
        return Invalid(told, "At least one word that stays.", "Enter another text.")
    return Invalid("The text has no words.", "At least one word.", "Enter a text.")


def _note(found: list[str], known: str, length: int) -> str:
    """Say what a model does not get of a text: what is behind its length, and words that it does not know."""
    read, numbers = found[:length], vocabulary.numbers_of(known)
    unknown = [word for word in read if word not in numbers]
    told = [f"The model read the first {length:,} of {len(found):,} words."] if len(found) > length else []
    if unknown:
        named = ", ".join(dict.fromkeys(unknown[:10]))
        told.append(f"It does not know {len(unknown):,} of the {len(read):,} words, such as: {named}.")
    return " ".join(told)


def _is_whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high
