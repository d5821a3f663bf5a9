"""The form shows how a file was read, and every guess can be changed before a dataset is made of it."""

from __future__ import annotations

from zlib import crc32

import pytest

from db.engine import reading
from db.tables.datasets import DatasetVersionRow
from mhub_core.datasets import service, worker_service
from tests.datasets.conftest import FLOWERS
from tests.datasets.test_formats import RECORDS
from tests.datasets.test_pages import upload_form, words
from tests.datasets.workbooks import rows, workbook
from tests.pages.building import unfold

pytestmark = pytest.mark.slow
TABLE = [list(RECORDS[0]), *[list(record.values()) for record in RECORDS]]
BOOK = workbook(Notes=rows(["about", "value"], ["year", 2024], ["place", 7]), Data=rows(["Flowers"], *TABLE))


def test_a_sheet_is_chosen_a_wrong_range_undone_and_a_column_left_out(anna, send):
    receipt = send(BOOK, "flowers.xlsx")
    app = upload_form(anna, receipt)
    assert app.selectbox(key="dataset_target").options == ["about", "value"]

    app.selectbox(key="reading_sheet").select("Data").run()
    assert app.selectbox(key="dataset_target").value == "species"
    assert "'Flowers'" in words(app) and ">lily<" in words(app)

    app.text_input(key="reading_range").input("A2-C9").run()
    assert "is not a range of cells" in words(app) and app.button(key="make_dataset").disabled
    app.button(key="reading_undo").click().run()
    assert "is not a range" not in words(app) and app.text_input(key="reading_range").value == ""

    app.text_input(key="reading_range").input("A2:C41").run()
    unfold(app, f"columns_{crc32(receipt.encode())}")
    app.multiselect(key="retype_columns").select("sepal").run()
    app.selectbox(key="retype_kind").select("ignored").run()
    app.button(key="retype_change").click().run()
    assert "not used (chosen)" in words(app)
    app.button(key="make_dataset").click().run()

    [card] = service.list_datasets(anna)
    with reading() as session:
        chosen = session.get_one(DatasetVersionRow, card.version_id).request["reading"]
    assert chosen == {"sheet": "Data", "range": "A2:C41", "columns": {"sepal": "ignored"}}
    worker_service.prepare(card.version_id)
    [version] = service.require_dataset(anna, card.id).versions
    assert (version.state, version.spec.num_rows, version.spec.classes) == ("ready", 39, ("iris", "lily", "rose"))


def test_what_was_guessed_comes_back_and_a_plain_file_has_nothing_to_undo(anna, send):
    app = upload_form(anna, send(FLOWERS))
    assert "How the file was read" not in str(app.get("expander")) or not any(one.key == "reading_reset" for one in app.button)

    app = upload_form(anna, send(BOOK, "flowers.xlsx"))
    app.selectbox(key="reading_sheet").select("Data").run()
    app.selectbox(key="reading_header").select(False).run()
    assert app.selectbox(key="dataset_target").options == ["column_1", "column_2", "column_3"]
    app.button(key="reading_reset").click().run()

    assert app.selectbox(key="dataset_target").options == ["about", "value"]
