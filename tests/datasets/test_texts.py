"""Texts with labels: what a word is, how a table of texts is noticed and prepared, and what of hostile or odd ones is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mhub_core.data.records import DataSpec, UploadPreview
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds import registry
from mhub_core.kinds.tables.formats import format
from mhub_core.kinds.texts import vocabulary, words
from mhub_core.kinds.texts.prepare import Wanted, keep_frame
from mhub_core.models import publish_service
from mhub_core.ui import publishing
from tests.datasets.workbooks import rows as lines
from tests.datasets.workbooks import workbook

GOOD, BAD = "what a fine and lovely day by the sea", "this was an awful dull and empty evening"
KIND = registry.require_kind("text")


def write(path: Path, rows: list[tuple[str, str]], head: str = "review,mood") -> Path:
    quoted = (",".join(f'"{cell}"' for cell in row) for row in rows)
    path.write_text("\n".join([head, *quoted]), "utf-8")
    return path


def reviews(number: int = 20) -> list[tuple[str, str]]:
    return [(f"{GOOD if place % 2 else BAD} {place} of many", "good" if place % 2 else "bad") for place in range(number)]


def prepare(path: Path, folder: Path, task: str = "classification", **choices):
    request, problems = KIND.check_request(choices.pop("target", "mood"), task, {"text": "review", **choices})
    assert not problems
    folder.mkdir(exist_ok=True)
    return KIND.prepare(path, {**request, "file_name": path.name}, folder, lambda *_: None)


def offered(preview: UploadPreview) -> set[object]:
    """Return the kinds that an upload can be read as."""
    return {value for option in preview.options if option.name == registry.KIND for value, _ in option.choices}


@pytest.mark.parametrize(
    "text, found",
    [
        ("Don't PANIC!! It's 3.14€", "don t panic ! ! it s 3 14 €"),
        ("今天天气很好abc。", "今 天 天 气 很 好 abc"),
        ("カタカナ、ひらがな", "カ タ カ ナ ひ ら が な"),
        ("नमस्ते दुनिया", "नमस्ते दुनिया"),
        ("\u202bمرحبا\u202c بالعالم", "مرحبا بالعالم"),
        ("👍🏽 ok 👨\u200d👩\u200d👧", "👍 ok 👨 👩 👧"),
        ("a\x00b c\x07d\u200be", "a b c d e"),
        ("ＡＢＣ ﬁne Cafe\u0301", "abc fine café"),
        ("It&#039;s <b>bold</b><br /> 1 < 2 & 3", "it s bold 1 2 3"),
        ("… -- (.)", ""),
        ("\ud800 lone", "lone"),
    ],
)
def test_words_are_found_in_any_script(text, found):
    assert words.words(text) == found.split()


def test_a_text_of_ten_megabytes_is_read_to_a_bound(tmp_path):
    rows = [*reviews(), ("word " * 2_000_000, "good")]
    pl.DataFrame(rows, ["review", "mood"], orient="row").write_parquet(tmp_path / "a.parquet")
    spec, report = prepare(tmp_path / "a.parquet", tmp_path / "out")
    with pytest.raises(Invalid, match="line 22 is longer than 100,000 characters"):
        prepare(write(tmp_path / "a.csv", rows), tmp_path / "out")
    assert report["accepted"] == 21 and spec.input_shape[0] <= 256
    assert "Of 1 very long texts only the first 100,000 letters are looked at." in report["warnings"]
    assert len(words.words("x" * 10_000_000)[0]) == words.MAX_WORD


def test_a_table_of_sentences_is_taken_for_texts_and_one_of_names_is_not(tmp_path):
    texts = registry.preview(write(tmp_path / "a.csv", reviews()), "a.csv", {})
    assert (texts.kind, texts.roles["text"], texts.guessed_target) == ("text", ("review",), "mood")
    assert {"table", "text"} <= offered(texts)
    more = [(f"id{place}", *row, str(place * 7)) for place, row in enumerate(reviews())]
    found = registry.preview(write(tmp_path / "d.csv", more, "key,words,kind of it,useful"), "d.csv", {})
    assert (found.kind, found.roles["text"][0], found.guessed_target) == ("text", "words", "kind of it")
    notes = [
        ("Lima" if place % 3 else "Rome", f"seen on day {place} of it", place * 17 % 53, place * 23 % 37) for place in range(60)
    ]
    assert registry.preview(write(tmp_path / "e.csv", notes, "city,note,area,price"), "e.csv", {}).kind == "table"
    names = [(f"Braund, Mr. Owen {place}", str(place % 2)) for place in range(20)]
    table = registry.preview(write(tmp_path / "b.csv", names, "name,survived"), "b.csv", {})
    assert table.kind == "table" and table.options[0].name == "kind"
    assert registry.preview(tmp_path / "a.csv", "a.csv", {"kind": "table"}).kind == "table"
    numbers = tmp_path / "c.csv"
    numbers.write_text("a,b\n" + "\n".join(f"{place},{place % 2}" for place in range(20)))
    assert "text" not in offered(registry.preview(numbers, "c.csv", {}))


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.parquet", "a.xlsx", "a.tsv"])
def test_texts_come_in_every_format_of_tables(tmp_path, name):
    frame = pl.DataFrame(reviews(), ["review", "mood"], orient="row")
    path = tmp_path / name
    writers = {
        "json": lambda: path.write_text(json.dumps(frame.to_dicts())),
        "jsonl": lambda: frame.write_ndjson(path),
        "parquet": lambda: frame.write_parquet(path),
        "xlsx": lambda: path.write_bytes(workbook(sheet=lines(["review", "mood"], *map(list, reviews())))),
        "tsv": lambda: frame.write_csv(path, separator="\t"),
    }
    writers[path.suffix[1:]]()
    assert registry.preview(path, name, {}).kind == "text"
    spec, report = prepare(path, tmp_path / "out")
    assert (report["accepted"], report["refused"], spec.classes) == (20, 0, ("bad", "good"))


def test_the_vocabulary_knows_the_training_texts_alone(tmp_path):
    rows = [(f"{GOOD} unique{place} unique{place}", "good" if place % 2 else "bad") for place in range(40)]
    spec, report = prepare(write(tmp_path / "a.csv", rows), tmp_path / "out")
    split, x = (np.load(tmp_path / "out" / f"{name}.npy") for name in ("split", "x"))
    known = spec.input["words"].split("\n")
    assert all((f"unique{place}" in known) == (split[place] == 0) for place in range(40))
    assert x.dtype == np.int32 and x.max() < spec.input["num_words"] and set(np.unique(x[split == 0])).isdisjoint({1})
    assert (x[split == 1] == vocabulary.UNKNOWN).sum(axis=1).tolist() == [2] * spec.num_test
    assert any("Unknown are 0.0% of the words of the training texts and 18.2%" in one for one in report["warnings"])


def test_a_prediction_reads_a_text_as_the_dataset_did(tmp_path):
    spec, _ = prepare(write(tmp_path / "a.csv", reviews()), tmp_path / "out", length=8)
    spec = DataSpec.from_json(json.loads(json.dumps(spec.to_json())))
    decoded = KIND.decode(spec, KIND.check_inputs(spec, [reviews()[0][0], "...", "a zebra " * 9]))
    assert decoded.x[0].tolist() == np.load(tmp_path / "out" / "x.npy")[0].tolist()
    assert len(decoded.x) == 2 and "no words" in str(decoded.problems[1])
    assert decoded.notes[0] == "The model read the first 8 of 11 words." and "such as: zebra." in decoded.notes[2]


def test_what_cannot_be_asked_is_refused_in_words(tmp_path):
    spec, _ = prepare(write(tmp_path / "a.csv", reviews()), tmp_path / "out")
    for given, told in (([], "no text"), (["…"], "no words"), ([b"PNG"], "This is no text"), (["a"] * 1_001, "too much")):
        with pytest.raises((Invalid, TooLarge), match=told):
            KIND.decode(spec, KIND.check_inputs(spec, given))


def test_rows_without_words_or_label_are_refused_each_with_its_reason(tmp_path):
    rows = [*reviews(), ("", "good"), ("   ", "bad"), ("... ---", "bad"), ("a fine day in the sun", "")]
    spec, report = prepare(write(tmp_path / "a.csv", rows), tmp_path / "out")
    told = dict((why, what) for what, why in report["reasons"])
    assert (report["accepted"], report["refused"]) == (20, 4) and spec.num_rows == 20
    assert told["the text is empty"] == "row 21 of those read and 1 more"
    assert told["the text has no words, only marks"] == "row 23 of those read" and "the label 'mood' is missing" in told
    kept = json.loads((tmp_path / "out" / report["refused_rows"]).read_text())
    assert [row[2] for row in kept] == ["good", "bad", "... ---", "a fine day in the sun"]


def test_all_refused_rows_of_a_reason_are_counted_also_those_that_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(format, "MAX_KEPT", 10)
    _, report = prepare(write(tmp_path / "a.csv", [*[("", "good")] * 30, *reviews(), ("...", "bad")]), tmp_path / "out")
    assert report["reasons"][0] == ("row 1 of those read and 29 more", "the text is empty") and report["refused"] == 31
    assert report["reasons"][1] == ("row 51 of those read", "the text has no words, only marks")
    assert len(json.loads((tmp_path / "out" / report["refused_rows"]).read_text())) == 10


def test_labels_that_look_the_same_are_one_and_those_that_differ_in_capitals_are_told(tmp_path):
    frame = pl.DataFrame({"review": [one for one, _ in reviews(40)], "mood": ["très bon", "tre\u0300s  bon ", "Bad", "bad"] * 10})
    spec, report = keep_frame(frame, Wanted("review", "mood", "classification"), tmp_path, lambda *_: None)
    assert spec.classes == ("Bad", "bad", "très bon") and spec.target["counts"] == [10, 10, 20]
    assert "Labels that differ only in blanks or in how letters are stored are one label: “très bon”." in report["warnings"]
    assert any("“Bad” and “bad” are different classes" in one for one in report["warnings"])


@pytest.mark.parametrize(
    "rows, told",
    [
        ([(text, "good") for text, _ in reviews()], "only one value"),
        ([("", "good"), ("...", "bad")] * 10, "No row has both"),
        (reviews(6), "Only 6 rows"),
        ([(text, str(place)) for place, (text, _) in enumerate(reviews())], "one example"),
    ],
)
def test_texts_that_nothing_can_be_learned_from_are_refused(tmp_path, rows, told):
    with pytest.raises(Invalid, match=told):
        prepare(write(tmp_path / "a.csv", rows), tmp_path / "out")


def test_a_number_is_learned_from_texts_and_a_word_is_no_number(tmp_path):
    stars = [(text, str(place % 5 + 1)) for place, (text, _) in enumerate(reviews())]
    spec, _ = prepare(write(tmp_path / "a.csv", stars), tmp_path / "out", "regression")
    assert spec.target["mean"] == pytest.approx(3, abs=0.5) and np.load(tmp_path / "out" / "y.npy").dtype == np.float64
    with pytest.raises(Invalid, match="is text or a date"):
        prepare(write(tmp_path / "b.csv", reviews()), tmp_path / "out", "regression")


def test_the_split_that_a_column_names_is_kept(tmp_path):
    rows = [(*row, "test" if place >= 30 else "train") for place, row in enumerate(reviews(40))]
    path = write(tmp_path / "a.csv", rows, "review,mood,part")
    spec, _ = prepare(path, tmp_path / "out", split={"way": "column", "column": "part"})  # the service adds the choice
    request, _ = KIND.check_request("mood", "classification", {"text": "review"})
    asked = {**request, "file_name": "a.csv", "split": {"way": "column", "column": "part"}}
    spec, _ = KIND.prepare(path, asked, tmp_path / "out", lambda *_: None)
    assert np.load(tmp_path / "out" / "split.npy").tolist() == [0] * 30 + [1] * 10 and spec.input["split"]["column"] == "part"


def test_wrong_choices_are_told_field_by_field():
    _, problems = KIND.check_request("mood", "segmentation", {"text": "mood", "length": 2, "max_words": "many"})
    assert problems.keys() == {"task", "text", "length", "max_words"}
    assert KIND.check_request("mood", "classification", {})[1].keys() == {"text"}


def test_no_column_of_texts_is_told_with_what_to_do(tmp_path):
    path = write(tmp_path / "a.csv", [(f"{place}", str(place % 2)) for place in range(20)])
    with pytest.raises(Invalid, match="no column of texts"):
        KIND.preview(path, "a.csv", {})
    with pytest.raises(Invalid, match="There is no column 'review'"):
        prepare(write(tmp_path / "b.csv", reviews(), "text,mood"), tmp_path / "out")


def test_the_words_of_private_texts_are_told_before_a_model_is_made_public(tmp_path):
    spec, _ = prepare(write(tmp_path / "a.csv", reviews()), tmp_path / "out")
    told = publish_service._told(spec, [2])
    assert told.words == tuple(spec.input["words"].split("\n")) and "- Words: " in "".join(publishing._lines(told, True))
    assert "ranges and words" in publishing._lines(told, False)[0]
