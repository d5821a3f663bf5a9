"""Serve the hub: `python -m mhub_core.server`."""

from __future__ import annotations

import uvicorn

from mhub_core import settings
from mhub_core.server.app import make_app
from mhub_core.server.limits import ImpatientProtocol, raise_file_limit
from mhub_core.server.messages import GatheringWebSocket


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings.load_env_file()
    raise_file_limit()
    uvicorn.run(
        make_app(),
        host=settings.text("MHUB_HOST"),
        port=settings.number("MHUB_PORT"),
        http=ImpatientProtocol,
        forwarded_allow_ips=settings.text("MHUB_TRUSTED_PROXIES"),
        ws=GatheringWebSocket,
        ws_per_message_deflate=False,  # it costs more processor time than the bytes are worth
        ws_max_size=4 * 2**20,  # the largest design is 1 MB; what a browser says of its widgets stays in memory
        ws_ping_interval=30,
        ws_ping_timeout=30,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
