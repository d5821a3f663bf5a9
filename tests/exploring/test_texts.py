"""What is told of texts: lengths, words, and what about them would mislead a model."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mhub_core.exploring import texts
from mhub_core.exploring.records import Profile
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.texts.prepare import Wanted, keep_frame

NOUNS = ("sea", "sun", "rain", "wind", "train", "bread", "music", "garden", "river", "window", "letter", "winter", "bird")


def texts_of(number: int = 200) -> pl.DataFrame:
    """Different texts; the good ones are fine, the bad ones dull."""
    said = [f"the {NOUNS[place % 13]} and the {NOUNS[place // 13]}" for place in range(number // 2)]
    rows = [(f"{text} were {word}", mood) for text in said for word, mood in (("fine", "good"), ("dull", "bad"))]
    return pl.DataFrame(rows, ["text", "mood"], orient="row")


def profile_of(frame: pl.DataFrame, folder: Path, **wanted: object) -> Profile:
    spec, _ = keep_frame(frame, Wanted("text", "mood", "classification", **wanted), folder, lambda *_: None)
    found = texts.profile({name: folder / file for name, file in spec.arrays.items()}, spec, lambda *_: None)
    return Profile.from_json(found.to_json())


def test_the_words_of_each_label_and_the_lengths_are_those_of_the_training_texts(tmp_path):
    found = profile_of(texts_of(), tmp_path)
    (bad, often, typical), (good, _, others) = found.texts["words"]
    assert (bad, typical[0], good, others[0]) == ("bad", "dull", "good", "fine") and often[0] == ["the", 160]
    assert (found.texts["shortest"], found.texts["longest"], sum(found.texts["counts"])) == (7, 7, 160)
    assert found.texts["cut"] == 0.0 and found.texts["unknown"] == {"training": 0.0, "test": 0.0}


def test_a_word_that_gives_the_label_away_is_told(tmp_path):
    words = [finding.words for finding in profile_of(texts_of(), tmp_path).findings if finding.name == "leak"]
    assert words[0] == 'The word "dull" is in 100% of the texts of "bad" and in 0.0% of all others.'


def test_copies_across_the_splits_and_texts_with_two_labels_are_told(tmp_path):
    frame = pl.concat([texts_of(), texts_of(20).with_columns(pl.col("text").str.to_uppercase())])
    torn = pl.DataFrame({"text": ["what is this then"] * 40, "mood": ["good", "bad"] * 20})
    found = {finding.name: finding.words for finding in profile_of(pl.concat([frame, torn]), tmp_path).findings}
    assert "test texts are also among the training texts, with the same label" in found["across_splits"]
    assert "training texts repeat another one" in found["duplicates"] and "another label" in found["contradictions"]


def test_unknown_words_and_cut_texts_are_told(tmp_path):
    frame = pl.DataFrame(
        {"text": [f"a{place} b{place} c{place} d{place} day" for place in range(60)], "mood": ["good", "bad"] * 30}
    )
    found = {finding.name: finding.words for finding in profile_of(frame, tmp_path, length=4).findings}
    assert found["unknown_words"] == "A model does not know 100% of the words of the test texts."
    assert found["cut"] == "100% of the training texts have more than the 4 words that a model reads of them."


def test_texts_with_numbers_have_no_labels_to_compare(tmp_path):
    frame = texts_of().with_columns(mood=pl.Series(range(200)))
    spec, _ = require_kind("text").keep(frame, "mood", "regression", tmp_path)
    found = texts.profile({name: tmp_path / file for name, file in spec.arrays.items()}, spec, lambda *_: None)
    assert found.texts["words"][0][0] == "All texts" and found.texts["words"][0][2] == [] and found.findings == ()
