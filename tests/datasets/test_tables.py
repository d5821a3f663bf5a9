"""A CSV file becomes a dataset, or is refused in words."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mhub_core.datasets import example_service, service
from mhub_core.errors import Invalid, MHubError, TooLarge
from mhub_core.kinds.table import columns
from mhub_core.kinds.tables import encoding
from mhub_core.kinds.tables import prepare as tables
from mhub_core.kinds.tables.formats.csv import Csv
from mhub_core.storage import service as storage
from tests.datasets.conftest import CARS, FLOWERS

pytestmark = pytest.mark.slow


def array(key: str) -> np.ndarray:
    return np.load(storage.local_path(key), mmap_mode="r")


def why_refused(dataset) -> str:
    [version] = dataset.versions
    assert version.state == "refused", version
    return version.report["error"]["happened"]


def test_a_good_file_becomes_ready_arrays(make):
    spec = make(CARS).ready_version.spec

    assert (spec.task, spec.num_rows, spec.num_train, spec.num_test) == ("regression", 60, 48, 12)
    assert spec.input_shape == (3,)  # weight, and one for each color
    assert array(spec.arrays["x"]).shape == (60, 3) and array(spec.arrays["x"]).dtype == np.float32
    assert array(spec.arrays["y"])[3] == pytest.approx(23.5)


def test_what_prediction_encodes_is_what_training_saw(make, anna):
    version = make(CARS).ready_version
    rows = example_service.first_rows(anna, version.id, limit=5).rows

    encoded = encoding.encode_rows(version.spec.input["encoder"], rows)

    train = np.flatnonzero(array(version.spec.arrays["split"]) == 0)[:5]
    assert np.allclose(encoded, array(version.spec.arrays["x"])[train])


def test_a_value_that_is_no_number_is_named(make):
    encoder = make(CARS).ready_version.spec.input["encoder"]

    with pytest.raises(Invalid) as caught:
        encoding.encode_rows(encoder, [{"weight": "heavy", "color": "red"}])

    assert "heavy" in caught.value.problems["weight"]


def test_a_missing_number_is_the_mean_and_an_unseen_category_is_nothing(make):
    encoder = make(CARS).ready_version.spec.input["encoder"]

    assert encoding.encode_rows(encoder, [{"weight": "", "color": "violet"}]).tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize("written", ["NA", "?", " null "])
def test_what_counts_as_missing_in_a_dataset_does_so_in_a_prediction(make, written):
    encoder = make(CARS).ready_version.spec.input["encoder"]

    assert encoding.encode_rows(encoder, [{"weight": written, "color": written}]).tolist() == [[0.0, 0.0, 0.0]]


def test_numbers_are_standardised_by_the_training_rows_only(make):
    spec = make(CARS).ready_version.spec
    train = array(spec.arrays["x"])[array(spec.arrays["split"]) == 0, 0]

    assert train.mean() == pytest.approx(0, abs=1e-5) and train.std() == pytest.approx(1, abs=1e-5)


def test_the_test_split_takes_a_fifth_of_every_class_and_never_changes(make):
    first = make(FLOWERS, target="species", task="classification").ready_version.spec
    second = make(FLOWERS, target="species", task="classification").ready_version.spec

    assert np.bincount(array(first.arrays["y"])[array(first.arrays["split"]) == 1]).tolist() == [4, 4, 4]
    assert first.arrays["split"] == second.arrays["split"]


def test_classes_that_are_numbers_close_to_each_other_keep_their_own_names(make):
    text = "a,b\n" + "".join(f"{n % 7},{('1.0000001', '1.0000002', '5.0')[n % 3]}\n" for n in range(60))

    assert make(text, target="b", task="classification").ready_version.spec.classes == ("1.0000001", "1.0000002", "5")


def test_hidden_test_rows_are_never_shown(make, anna):
    version = make(CARS).ready_version
    shown = example_service.first_rows(anna, version.id, limit=500)

    hidden = array(version.spec.arrays["y"])[array(version.spec.arrays["split"]) == 1]
    assert shown.total == len(shown.rows) == 48
    assert not {row["price"] for row in shown.rows} & set(hidden.tolist())


def test_a_preview_guesses_target_and_task(anna, send):
    preview = service.inspect_upload(anna, send(FLOWERS))

    assert (preview.guessed_target, preview.guessed_tasks[preview.guessed_target]) == ("species", "classification")
    assert [column.kind for column in preview.columns] == ["number", "number", "category"]
    assert preview.guessed_tasks["sepal"] == "regression"


@pytest.mark.parametrize("encoding_name", ["latin-1", "utf-16", "utf-8-sig", "utf-16-le", "utf-32", "utf-32-be"])
def test_umlauts_survive_any_common_encoding(make, encoding_name):
    text = FLOWERS.replace("rose", "Röschen")

    spec = make(text.encode(encoding_name), target="species", task="classification").ready_version.spec

    assert "Röschen" in spec.classes and columns(spec)[0].name == "petal"


def test_a_wrong_encoding_is_told(anna, send):
    preview = service.inspect_upload(anna, send(FLOWERS.replace("rose", "Röschen").encode("latin-1")))

    assert any("not UTF-8" in warning for warning in preview.warnings)


def test_semicolons_with_decimal_commas_are_understood(make):
    report = make(CARS.replace(",", ";").replace(".5", ",5")).ready_version

    assert report.spec.target["mean"] == pytest.approx(50, abs=5)
    assert any("semicolon" in warning for warning in report.report["warnings"])


def test_tabs_are_understood(make):
    assert make(CARS.replace(",", "\t")).ready_version.spec.num_rows == 60


def test_a_file_without_header_gets_names_and_is_told(anna, send):
    preview = service.inspect_upload(anna, send(CARS.split("\n", 1)[1]))

    assert [column.name for column in preview.columns] == ["column_1", "column_2", "column_3"]
    assert any("first line looks like data" in warning for warning in preview.warnings)


def test_ragged_rows_are_left_out_counted_and_named(make):
    version = make(CARS + "1,red\n1,red,3,4\n").ready_version

    assert version.spec.num_rows == 60 and version.report["refused"] == 2
    assert version.report["reasons"][0] == ["row 61", "has 2 cells instead of 3"]


def test_rows_without_a_target_are_left_out_and_told(make):
    version = make(CARS + "1000,red,\n1000,red,NA\n").ready_version

    assert version.spec.num_rows == 60
    assert version.report["reasons"] == [["2 rows", "the target 'price' is missing"]]


def test_columns_that_teach_nothing_are_left_out_and_told(make):
    lines = CARS.splitlines()
    text = "\n".join([f"row,{lines[0]},note,same"] + [f"{n},{line},text {n},x" for n, line in enumerate(lines[1:])])
    version = make(text).ready_version

    assert {column.name for column in columns(version.spec) if column.kind == "ignored"} == {"row", "note", "same"}
    assert any("'note' is not used" in warning for warning in version.report["warnings"])


def test_a_few_words_among_numbers_count_as_missing(make):
    version = make(CARS + "unknown,red,5\n").ready_version

    assert columns(version.spec)[0].kind == "number" and columns(version.spec)[0].missing == 1


@pytest.mark.parametrize("wild", ["1e308", "-1e200", "inf"])
def test_numbers_beyond_any_measure_count_as_missing_and_break_no_list(make, anna, wild):
    version = make(CARS + f"{wild},red,5\n7,red,{wild}\n").ready_version

    assert version.spec.num_rows == 61 and columns(version.spec)[0].missing == 1
    assert any("beyond" in warning for warning in version.report["warnings"])
    assert service.list_datasets(anna)[0].num_rows == 61


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        ("price\n1\n2\n", "one column"),
        (b"PK\x05\x06" + b"\0" * 18, "no image"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"a,b\n1\0\0\1,2\n" * 9, "not a text file"),
        ("a,b\n", "no rows"),
        ('a,b\n"' + "x" * 200_000, "begins in line 2 is longer than 100,000 characters"),
        ("a,b\n1,2\n3," + "x" * 3_000_000 + "\n4,5\n", "begins in line 3 is longer"),
        ("a," + "x" * 3_000_000 + "\n4,5\n", "begins in line 1 is longer"),
    ],
)
def test_what_is_no_table_is_refused_at_once(anna, send, data, words):
    with pytest.raises(MHubError, match=words):
        service.inspect_upload(anna, send(data))


def test_ten_thousand_columns_are_refused(anna, send):
    wide = ",".join(f"c{n}" for n in range(10_000)) + "\n" + ",".join("1" for _ in range(10_000))

    with pytest.raises(TooLarge, match="10,000 columns"):
        service.inspect_upload(anna, send(wide))


@pytest.mark.parametrize(
    ("text", "target", "task", "words"),
    [
        (CARS.replace("blue", "red"), "color", "classification", "only one value"),
        ("a,b\n" + "1,\n" * 20, "b", "regression", "missing"),
        (CARS, "nothing", "regression", "no column"),
        (CARS, "color", "regression", "is text"),
        ("a,b\n1,2\n3,4\n", "b", "regression", "Only 2 rows"),
        ("a,b\n" + "".join(f"word {n},{n % 4}\n" for n in range(90)), "b", "regression", "No column is left"),
        ("a,b\n" + "".join(f"{n % 7},{n}.5\n" for n in range(1200)), "b", "classification", "1,200 different values"),
    ],
)
def test_a_target_that_cannot_be_learnt_is_refused_in_words(make, text, target, task, words):
    assert words in why_refused(make(text, target=target, task=task))


def test_a_target_of_which_no_class_could_be_tested_is_refused(make):
    table = "n,name\n" + "".join(f"{n * 3 % 7},name {n}\n" for n in range(12))
    version = make(table, target="name", task="classification").versions[0]
    assert version.state == "refused" and "none can be held out" in version.report["error"]["happened"]


def test_a_table_that_cannot_fit_into_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "large.csv"
    path.write_text("weight,color,price\n" + "".join(f"{900 + n},{('red', 'blue')[n % 2]},{20.5 + n}\n" for n in range(120_000)))
    monkeypatch.setenv("MHUB_PREPARE_MEMORY_MB", "4")
    monkeypatch.setattr(Csv, "read", None)  # it goes through the whole file

    for act in (
        lambda: tables.preview(path, path.name, {}),
        lambda: tables.prepare_file(path, {"target": "price", "task": "regression"}, tmp_path, lambda *_: None),
    ):
        with pytest.raises(TooLarge) as refused:
            act()
        told = str(refused.value)
        rows = int(re.search(r"about ([0-9,]+) rows of 3 columns", told)[1].replace(",", ""))
        fitting = int(re.search(r"fewer than ([0-9,]+) rows", told)[1].replace(",", ""))
        assert 100_000 < rows < 140_000 and 10_000 < fitting < rows and "allows 4 MB" in told

    monkeypatch.setenv("MHUB_PREPARE_MEMORY_MB", "4096")
    assert tables.preview(path, path.name, {}).columns[0].name == "weight"


def test_whole_numbers_of_any_length_are_read(make):
    """Such as keys that somebody left in a table."""
    lines = [f"{n},{n % 7},{'9' * (30 + n)},{('red', 'blue')[n % 2]}" for n in range(60)]
    dataset = make("a,b,key,color\n" + "\n".join(lines), target="color", task="classification")
    [version] = dataset.versions
    assert version.state == "ready", version.report
    assert [column["kind"] for column in version.spec.input["columns"][:2]] == ["ignored", "number"]  # the first counts the rows
