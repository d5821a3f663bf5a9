"""Texts go the whole way: from an upload through training to a prediction of a text that was never seen, and on all pages."""

from __future__ import annotations

import pytest

from mhub_core import queue
from mhub_core.datasets import packaged, service, worker_service
from mhub_core.evaluation import engine as evaluation
from mhub_core.exploring import worker_service as exploring
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.training import fits
from mhub_core.ui import workers
from tests import factories
from tests.pages.building import open_page
from tests.pages.conftest import words
from tests.test_toys import carry_out

pytestmark = pytest.mark.slow

SPORTS = "The striker scored two goals in the second half, and the team won the cup final."
BUSINESS = "The company said profits and sales rose in the third quarter as shares and oil prices went up."


def test_texts_go_from_an_upload_to_a_prediction(anna, send, tmp_path, monkeypatch):
    news = packaged.news()[::4]
    receipt = send(news.write_csv(), "news.csv")
    seen = service.inspect_upload(anna, receipt)
    assert (seen.kind, seen.roles["text"], seen.guessed_target) == ("text", ("text",), "topic")
    dataset_id = service.create(anna, receipt, "News", "", kind="text", target="topic", task="classification", text="text")
    version = service.require_dataset(anna, dataset_id).versions[0]
    worker_service.prepare(version.id)
    exploring.make_profile(version.id)
    data = service.require_ready(anna, version.id)

    item = fits.list_stock(data)[0]
    model_id = factories.model(anna, graph=fits.drawn_for(item, data))
    run_id = carry_out(runs.submit(anna, model_id, version.id, {"epochs": 12, "learning_rate": 0.01}, "a-text-run"), tmp_path)
    run = runs.require_run(anna, run_id)
    assert item.name == "word_average" and run.result["scores"]["accuracy"] > 0.8
    assert 0 < len(run.result["mistakes"]) <= 20

    trained = models.require_version(anna, run.trained_version_id)
    told = evaluation.predict(trained.model_key, trained.serving, {"texts": [SPORTS, "", BUSINESS]})
    likeliest = [data.classes[max(range(5), key=one["probabilities"].__getitem__)] for one in told["answers"]]
    assert likeliest == ["sports", "business"] and list(told["problems"]) == ["1"]

    for tab, wanted in (("Texts", "text"), ("Words", "Typical words"), ("Lengths", "Median")):
        assert wanted in words(open_page("Dataset", anna, id=dataset_id, tab=tab)), tab
    assert "The model did not learn from these texts" in words(open_page("Run", anna, id=run_id))
    monkeypatch.setattr(workers, "answer", lambda name: True)
    monkeypatch.setattr(queue, "ask", lambda job, *arguments, seconds: evaluation.predict(*arguments))
    page = open_page("Predict", anna, model=trained.model_id, version=trained.id)
    page.text_area[0].input(SPORTS)
    next(button for button in page.button if button.label == "Predict").click()
    assert "sports" in words(page.run())
