"""Each run of a page's script, or of a fragment of it, is one look: it reads each thing once."""

from __future__ import annotations

from functools import wraps
from typing import Any

from streamlit.runtime.scriptrunner import exec_code, script_runner

from mhub_core.look import one_look


def read_once_a_look() -> None:
    """Teach Streamlit, once for this process."""
    name, run = "exec_func_with_error_handling", exec_code.exec_func_with_error_handling
    if getattr(script_runner, name) is not run:
        return

    @wraps(run)
    def run_as_one_look(*given: Any, **named: Any) -> Any:
        with one_look():
            return run(*given, **named)

    setattr(script_runner, name, run_as_one_look)
