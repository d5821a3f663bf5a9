"""Series all the way: from an upload through training to a prediction, with a worker's own functions."""

from __future__ import annotations

import numpy as np
import pytest

from mhub_core.datasets import service, worker_service
from mhub_core.evaluation import engine as evaluation
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.signals import pasted
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.tasks.classification import best
from mhub_core.training import fits
from tests.datasets.series_at_hand import STEPS, long_csv, long_rows, waves
from tests.pages.building import open_page
from tests.pages.conftest import words
from tests.test_toys import carry_out

pytestmark = pytest.mark.slow


def test_series_are_uploaded_trained_and_predicted(anna, send, tmp_path):
    token = send(long_csv(long_rows(*waves(80))), "waves.csv")
    found = service.inspect_upload(anna, token)
    dataset_id = service.create(
        anna, token, "Waves", "", found.kind, "label", "classification", series=found.about["layout"], visibility="public"
    )
    worker_service.prepare(service.require_dataset(anna, dataset_id).versions[0].id)
    version = service.require_dataset(anna, dataset_id).ready_version
    stock = fits.list_stock(version.spec)[0]
    model_id = models.create(anna, stock.title, "", fits.drawn_for(stock, version.spec))

    run_id = runs.submit(anna, models.require_model(anna, model_id).versions[0].id, version.id, {"epochs": 12}, "series-journey")
    run = runs.require_run(anna, carry_out(run_id, tmp_path))

    assert run.state == "finished" and run.result["scores"]["accuracy"] > 0.9
    trained = models.require_version(anna, run.trained_version_id)
    new, kinds = waves(6, seed=5)
    given = pasted.read(long_csv(long_rows(new[:, : STEPS - 4], kinds)).encode(), version.spec)
    inputs = require_kind("series").check_inputs(version.spec, given.series)
    answer = evaluation.predict(trained.model_key, trained.serving, inputs)
    assert [best(one, version.spec.classes)[0] for one in answer["answers"]] == kinds
    assert "the end was filled up with the mean" in answer["notes"]["0"]


def test_the_worst_predictions_are_kept_and_drawn_as_lines(anna, send, tmp_path):
    values, kinds = waves(40)
    kinds = [("rise", "swing")[n % 3 == 0] for n in range(40)]  # which no model can learn
    token = send(long_csv(long_rows(values, kinds)), "waves.csv")
    found = service.inspect_upload(anna, token)
    asked = {"series": found.about["layout"], "visibility": "public"}
    dataset_id = service.create(anna, token, "Waves", "", found.kind, "label", "classification", **asked)
    worker_service.prepare(service.require_dataset(anna, dataset_id).versions[0].id)
    version = service.require_dataset(anna, dataset_id).ready_version
    stock = fits.list_stock(version.spec)[0]
    model = models.require_model(anna, models.create(anna, "Net", "", fits.drawn_for(stock, version.spec)))

    run_id = carry_out(runs.submit(anna, model.versions[0].id, version.id, {"epochs": 1}, "series-worst"), tmp_path)

    run = runs.require_run(anna, run_id)
    names = version.spec.classes
    mistakes, split = run.result["mistakes"], np.load(service.storage.local_path(version.spec.arrays["split"]))
    assert mistakes and all(split[one["row"]] == 0 for one in mistakes)
    assert all(best(one["answer"], names)[0] != kinds[one["row"]] for one in mistakes)
    page = open_page("Run", anna, id=run_id)
    assert "True: swing, predicted: rise" in words(page) or "True: rise, predicted: swing" in words(page)
