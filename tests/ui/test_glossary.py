"""The glossary of the help page: what it holds, and how it is found."""

from __future__ import annotations

import pytest

from mhub_core.tasks.registry import TASKS
from mhub_core.ui import glossary
from tests.pages.building import open_page

ASKED = (
    "epoch, batch size, learning rate, loss, validation, held-out test data, accuracy, macro F1, R2, MAE, RMSE, Dice, IoU, "
    "confusion matrix, overfitting, optimizer, early stopping, seed, parameter, version, run, leaderboard, augmentation, "
    "normalization, tensor shape, dropout, convolution, Adam, cross-entropy"
).split(", ")


@pytest.mark.parametrize("term", ASKED)
def test_a_term_of_the_screens_is_explained_in_a_few_plain_sentences(term: str) -> None:
    found = [meaning for group in glossary.find(term).values() for meaning in group.values()]
    assert found
    assert all(20 < len(meaning) < 260 and meaning.endswith(".") for meaning in found)


def test_every_score_is_in_it_in_the_words_of_its_task() -> None:
    scores = glossary.find("scores")["Scores"]
    assert all(scores[score.label] == score.help for task in TASKS.values() for score in task.scores if score.name != "loss")


def test_names_are_found_before_meanings_and_nothing_is_said_in_words() -> None:
    assert list(glossary.find("batch size")) == ["Training"]
    assert glossary.find("memorizes") and glossary.find("no such term at all") == {}


def shown(**query: str) -> str:
    return "".join(element.proto.body for element in open_page("Help", **query).get("html"))


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_an_address_opens_the_help_page_at_a_term() -> None:
    found = shown(search="learning rate")
    assert "<dt>Learning rate</dt>" in found and "<dt>Epoch</dt>" not in found
    assert "<details open>" in found and "<details>" not in found, "what was searched for is not folded away"


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_the_groups_of_the_help_page_are_folded_and_say_how_many_terms_they_hold() -> None:
    found = shown()
    assert found.count("<details>") == len(glossary.groups()) and "<details open>" not in found
    assert f"<h3>Data</h3><span>{len(glossary.groups()['Data'])} terms</span>" in found
