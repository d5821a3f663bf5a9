"""Which datasets a model learned from, for whoever may see them."""

from __future__ import annotations

from mhub_core.datasets import service, use_service
from tests import factories


def test_a_model_names_its_datasets_and_only_counts_what_somebody_may_not_see(database):
    ada, ben = factories.person("ada"), factories.person("ben")
    model = factories.model(ada)
    for name, visibility in (("Irises", "public"), ("Secret", "private")):
        version = factories.dataset(ada, name=name, visibility=visibility)
        for _ in range(2):
            factories.run_row(ada, model, version)
    model_id = 1

    mine, others = (use_service.datasets_of_model(who, model_id) for who in (ada, ben))

    assert [(name, numbers) for _, name, numbers in mine.datasets] == [("Irises", (1,)), ("Secret", (1,))] and not mine.num_hidden
    assert [name for _, name, _ in others.datasets] == ["Irises"] and others.num_hidden == 1
    assert service.require_dataset(ben, others.datasets[0][0]).name == "Irises"
