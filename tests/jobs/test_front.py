"""What is started for how many web processes, and the configuration that HAProxy reads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jobs import front
from mhub_core.errors import Invalid


@pytest.fixture
def without_haproxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(front, "_FOLDERS", ())


def test_one_web_process_has_no_front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MHUB_WEB", raising=False)
    assert front.table() == {"web": ["-m", "mhub_core.server"]}
    assert len(front.ports()) == 1 and front.advice() == ""


@pytest.mark.usefixtures("without_haproxy")
def test_without_haproxy_several_web_processes_have_ports_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MHUB_WEB", "3")
    monkeypatch.setenv("MHUB_PORT", "9000")
    assert [words[-2:] for words in front.table().values()] == [["--port", str(port)] for port in (9000, 9001, 9002)]
    assert front.ports() == [9000, 9001, 9002]
    assert "apt, dnf or brew install haproxy" in front.advice() and "9000 to 9002" in front.advice()


@pytest.mark.parametrize("number", ["0", "-1", "65"])
def test_a_number_of_web_processes_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.setenv("MHUB_WEB", number)
    with pytest.raises(Invalid, match="from 1 to 64"):
        front.table()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost", "::1", "::"])
def test_haproxy_accepts_the_configuration_for_every_kind_of_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str
) -> None:
    program = front.binary()
    if program is None:
        pytest.skip("no HAProxy here")
    monkeypatch.setenv("MHUB_WEB", "64")
    monkeypatch.setenv("MHUB_HOST", host)
    (tmp_path / "503.http").write_text(front.AWAY, newline="")
    (tmp_path / "haproxy.cfg").write_text(front.configuration())
    seen = subprocess.run([program, "-c", "-f", "haproxy.cfg"], cwd=tmp_path, capture_output=True, text=True)
    assert seen.returncode == 0 and "WARNING" not in seen.stderr, seen.stderr
