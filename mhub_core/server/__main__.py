"""Serve the hub: `python -m mhub_core.server`."""

from __future__ import annotations

import uvicorn

from mhub_core import settings
from mhub_core.server.app import make_app


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings.load_env_file()
    uvicorn.run(
        make_app(),
        host=settings.text("MHUB_HOST"),
        port=settings.number("MHUB_PORT"),
        ws="websockets-sansio",
        ws_max_size=64 * 2**20,
        ws_ping_interval=30,
        ws_ping_timeout=30,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
