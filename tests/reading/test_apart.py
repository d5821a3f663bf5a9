"""What a person brings is read in a process of its own, which can neither hang nor fill the hub."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from mhub_core import settings
from mhub_core.errors import Unavailable
from mhub_core.reading import apart, read
from mhub_core.reading.records import Unreadable

SCRIPT = "import keras\nprint(1)\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name='tiny')\n"


def limited(code: str) -> subprocess.CompletedProcess[str]:
    """Run a line of Python under the limits of a reading, with a second for its work."""
    begin = "from mhub_core.reading import __main__ as child; child.CPU_SECONDS = 1; child.limit()\n"
    return subprocess.run([sys.executable, "-c", begin + code], capture_output=True, text=True, cwd=settings.ROOT)


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


def test_a_reading_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(apart, "_LONGEST", 0.5)
    monkeypatch.setattr(apart, "_COMMAND", [sys.executable, "-c", "while True: pass"])

    with pytest.raises(Unreadable, match="loop that builds without end"):
        apart.read_text(SCRIPT)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not hold every limit")
def test_a_process_that_reads_gets_little_time_and_memory():
    assert limited("'a' * (2 << 30)").stderr.endswith("MemoryError\n")
    assert limited("while True: pass").returncode < 0


def test_what_ends_a_process_is_told_in_words(monkeypatch, caplog):
    monkeypatch.setattr(apart, "_COMMAND", [sys.executable, "-c", "raise MemoryError"])

    with pytest.raises(Unreadable, match="more memory"):
        apart.read_text(SCRIPT)
    assert "MemoryError" in caplog.text


def test_few_are_read_at_once_and_the_others_are_told(monkeypatch):
    monkeypatch.setattr(apart, "_PATIENCE", 0.1)
    monkeypatch.setattr(apart, "_places", threading.BoundedSemaphore(1))

    with apart._place(), pytest.raises(Unavailable, match="busy"):
        apart.read_text(SCRIPT)
    assert apart.read_text(SCRIPT).name == "tiny"
