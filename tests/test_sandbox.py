"""A file from a stranger is opened in a process that has little, may little, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from mhub_core import sandbox
from mhub_core.errors import Invalid, Unavailable

LIMITS = sandbox.Limits(200_000_000, cpu_seconds=60, wall_seconds=60.0)


def do(request, folder, progress):
    """What these tests run in the sandbox: some statements, which may leave an `answer`."""
    names = {"folder": folder, "progress": progress, "request": request}
    exec(request["code"], names)  # noqa: S102
    return {"answer": names.get("answer")}


@pytest.fixture
def run(monkeypatch):
    """Run statements in the sandbox, through this module's `do`."""
    name = "mhub_core.sandbox"
    begin = (
        f"import sys; from pathlib import Path; from {name} import FUNCTIONS, main; FUNCTIONS['do'] = 'tests.test_sandbox:do'; "
    )
    carry_out = sandbox._carry_out

    def with_do(command, *rest):
        return carry_out([sys.executable, "-c", begin + "main(sys.argv[1], Path(sys.argv[2]))", *command[3:]], *rest)

    monkeypatch.setattr(sandbox, "_carry_out", with_do)
    return lambda code, limits=LIMITS, beat=None, **request: sandbox.run("do", {"code": code, **request}, limits, beat)["answer"]


def test_the_answer_and_each_progress_come_back(run):
    heard = []

    code = "print('noise', flush=True); progress(1, 2, 'Half'); answer = [request['given'], None]"

    assert run(code, beat=heard.append, given="ä") == ["ä", None]
    assert {"done": 1, "total": 2, "words": "Half"} in heard


def test_an_error_comes_back_as_it_was(run):
    with pytest.raises(Invalid) as caught:
        run("from mhub_core.errors import Invalid\nraise Invalid('It broke.', 'Good.', 'Fix it.', {'a': 'b'})")

    assert (str(caught.value), caught.value.problems) == ("It broke. Good. Fix it.", {"a": "b"})


def test_no_secret_no_address_and_no_open_file_reaches_it(run, monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "MHUB_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "OF_SOMEBODY"):
        monkeypatch.setenv(name, "secret-in-environment")
    monkeypatch.setenv("MHUB_MAX_ROWS", "77")
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        there = run("import os; answer = [dict(os.environ), [n for n in range(3, 40) if os.path.exists(f'/proc/self/fd/{n}')]]")

    assert "secret-in-environment" not in json.dumps(there)
    assert there[0]["MHUB_MAX_ROWS"] == "77"
    assert sys.platform == "darwin" or there[1] == []


def test_what_it_writes_is_gone_afterwards(run):
    folder = run("import tempfile; (folder / 'x').write_text('y'); answer = [str(folder), tempfile.mkstemp()[1]]")

    assert folder[1].startswith(folder[0]) and not Path(folder[0]).exists()


@pytest.mark.parametrize(
    ("code", "limits", "kind"),
    [
        ("raise MemoryError", LIMITS, sandbox.TooMuchMemory),
        ("import time; a = b'x' * 400_000_000; time.sleep(60)", LIMITS, sandbox.TooMuchMemory),
        ("a = bytearray(9 << 30)", LIMITS, sandbox.TooMuchMemory),
        ("import time; time.sleep(60)", sandbox.Limits(1 << 30, wall_seconds=1.0), sandbox.TooLong),
        ("while True: pass", sandbox.Limits(1 << 30, cpu_seconds=1), sandbox.TooLong),
        ("import time; time.sleep(60)", sandbox.Limits(1 << 30, stall_seconds=1.0), sandbox.Died),
        ("import os; os.kill(os.getpid(), 15)", LIMITS, sandbox.Died),
        ("raise ZeroDivisionError", LIMITS, sandbox.Died),
        ("open(folder / 'x', 'wb').write(bytes(9_000_000))", sandbox.Limits(1 << 30, file_bytes=1_000_000), sandbox.Died),
    ],
)
def test_what_takes_too_much_is_ended_and_told_apart(run, code, limits, kind):
    began = time.monotonic()

    with pytest.raises(kind):
        run(code, limits)
    assert time.monotonic() - began < 50


@pytest.mark.parametrize(("code", "status"), [("import os; os.kill(os.getpid(), 15)", -15), ("raise SystemExit(3)", 3)])
def test_a_death_tells_its_status(run, code, status):
    with pytest.raises(sandbox.Died) as death:
        run(code)

    assert death.value.code == status


def test_what_hears_the_progress_may_end_the_run(run):
    def beat(progress):
        raise KeyError("lost")

    with pytest.raises(KeyError):
        run("import time; time.sleep(60)", beat=beat)


def test_a_place_is_given_back_also_after_an_error():
    places = sandbox.Places(1, 0.05, "The hub is busy.")

    with pytest.raises(KeyError), places.taken():
        raise KeyError
    with places.taken(), pytest.raises(Unavailable, match="busy"), places.taken():
        pass


def test_every_declared_function_is_there():
    import importlib

    for target in sandbox.FUNCTIONS.values():
        module, _, function = target.partition(":")
        assert callable(getattr(importlib.import_module(module), function))


def test_bytes_that_are_no_text_do_not_make_a_run_hang(run):
    code = "import sys; sys.stdout.buffer.write(bytes([255, 254, 10]) * 3); sys.stdout.flush(); answer = 'done'"
    assert run(code, sandbox.Limits(200_000_000, cpu_seconds=60, wall_seconds=20.0)) == "done"
