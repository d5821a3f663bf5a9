"""What a person brings is read in a process of its own, which can neither hang nor fill the hub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mhub_core import sandbox
from mhub_core.errors import Unavailable
from mhub_core.reading import apart, read
from mhub_core.reading.records import Unreadable

SCRIPT = "import keras\nprint(1)\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name='tiny')\n"


def test_a_text_and_a_file_give_what_they_give_without_a_process(tmp_path):
    path = tmp_path / "some blob"
    path.write_text(SCRIPT)

    assert apart.read_text(SCRIPT) == read.read_text(SCRIPT)
    assert apart.read_file("tiny.py", path) == read.read("tiny.py", path)


@pytest.mark.parametrize("text", ["x = (", '{"format": 1, "nodes": 7, "edges": []}', "'\ud800'", '{"\\ud800": 1}'])
def test_a_refusal_says_the_same_as_without_a_process(text):
    with pytest.raises(Unreadable) as here:
        read.read_text(text)
    with pytest.raises(Unreadable) as apart_from_here:
        apart.read_text(text)

    assert vars(apart_from_here.value) == vars(here.value)


@pytest.mark.parametrize("broken", [sandbox.TooLong(), sandbox.TooMuchMemory(), sandbox.Died(-24)])
def test_a_reading_that_was_ended_is_told_in_words(monkeypatch, broken):
    def run(*_):
        raise broken

    monkeypatch.setattr(sandbox, "run", run)

    with pytest.raises(Unreadable, match="endless loop"):
        apart.read_text(SCRIPT)


def test_a_reading_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(apart, "LIMITS", replace(apart.LIMITS, wall_seconds=0.0))
    monkeypatch.setattr(sandbox, "_LOOK_SECONDS", 0.001)  # a quick machine has read it before anybody looks

    with pytest.raises(Unreadable, match="endless loop"):
        apart.read_text(SCRIPT)


def test_few_are_read_at_once_and_the_others_are_told(monkeypatch):
    monkeypatch.setattr(apart, "_places", sandbox.Places(1, 0.1, "The hub is busy."))

    with apart._places.taken(), pytest.raises(Unavailable, match="busy"):
        apart.read_text(SCRIPT)
    assert apart.read_text(SCRIPT).name == "tiny"
