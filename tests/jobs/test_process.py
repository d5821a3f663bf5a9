"""A supervised process and its log, with a real child."""

import sys

from jobs import process
from jobs.process import Process
from tests.services import wait_until

CHATTER = "import time\nfor number in range(10**6):\n    print(f'line {number}', flush=True); time.sleep(0.001)"


def test_a_long_log_is_put_aside_while_the_process_goes_on_writing(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "MAX_LOG_BYTES", 2_000)
    chatty = Process("chatty", [sys.executable, "-c", CHATTER], tmp_path / "chatty.log", lambda words: None)
    chatty.start()
    try:
        wait_until(lambda: chatty.log.stat().st_size > 2_000, 20)
        chatty.put_log_aside()
        aside = (tmp_path / "chatty.log.1").read_text()
        wait_until(lambda: "line" in chatty.log.read_text(), 20)
    finally:
        chatty.kill()

    assert aside.startswith("--- chatty started") and "line 100\n" in aside
    assert "line 0\n" not in chatty.log.read_text() and "\0" not in chatty.log.read_text()
