"""Serve the hub: `python -m mhub_core.server`, or with `--port` or `--socket` as one of several web processes."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from mhub_core import settings
from mhub_core.accounts import hub_service, providers
from mhub_core.mail import service as mail
from mhub_core.server.app import make_app
from mhub_core.server.connections import ImpatientProtocol, raise_file_limit
from mhub_core.server.forwarded import FromFront, bind
from mhub_core.server.messages import GatheringWebSocket


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, help="listen on this port of MHUB_HOST instead of MHUB_PORT")
    parser.add_argument("--socket", type=Path, help="listen on this unix socket, for our own front server alone")
    options = parser.parse_args()
    settings.load_env_file()
    settings.choice("MHUB_SIGN_UP", hub_service.WAYS)  # a setting that is wrong is told now, not to the first person who signs up
    mail.check()
    providers.check()
    raise_file_limit()
    listener = bind(options.socket) if options.socket else None
    app: ASGIApp = make_app()
    uvicorn.run(
        FromFront(app) if listener else app,
        fd=listener.fileno() if listener else None,
        host=settings.text("MHUB_HOST"),
        port=options.port or settings.number("MHUB_PORT"),
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
