"""The ASGI application: Streamlit's pages and our routes under /api/ in one process."""

from __future__ import annotations

import gc
import importlib
import logging
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from mhub_core import charts, queue, settings, ui
from mhub_core.errors import MHubError
from mhub_core.runs import worker_service as runs
from mhub_core.server.addresses import Addresses
from mhub_core.server.answers import answer_error
from mhub_core.server.archive import archive
from mhub_core.server.bell import mark_read, newest
from mhub_core.server.compression import CompressedFiles
from mhub_core.server.download import download
from mhub_core.server.elements import save_on_elements
from mhub_core.server.headers import Guard
from mhub_core.server.health import health
from mhub_core.server.limits import Limits
from mhub_core.server.live import live
from mhub_core.server.looks import read_once_a_look
from mhub_core.server.messages import gather_messages
from mhub_core.server.messages_heard import heed_only_what_our_pages_send
from mhub_core.server.pages_left import drop_requests_of_pages_left
from mhub_core.server.picture import picture
from mhub_core.server.searching import search
from mhub_core.server.session import begin_session, end_session
from mhub_core.server.sign_in import come_back, leave
from mhub_core.server.upload import upload
from mhub_core.ui.errors import show_unexpected

ROUTES = [
    Route("/api/health", health, methods=["GET"]),
    Route("/api/session", begin_session, methods=["POST"]),
    Route("/api/session/end", end_session, methods=["POST"]),
    Route("/api/sign-in/{provider}", leave, methods=["GET"]),
    Route("/api/sign-in/{provider}/back", come_back, methods=["GET"]),
    Route("/api/upload", upload, methods=["POST"]),
    Route("/api/account/archive", archive, methods=["GET"]),
    Route("/api/datasets/versions/{version_id}/files", download, methods=["GET"]),
    Route("/api/people/{person_id}/image", picture, methods=["GET"]),
    Route("/api/search", search, methods=["GET"]),
    Route("/api/runs/{run_id}/live", live, methods=["GET"]),
    Route("/api/notices", newest, methods=["GET"]),
    Route("/api/notices/read", mark_read, methods=["POST"]),
]


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[None]:
    logging.getLogger("uvicorn.access").disabled = True  # Streamlit has just turned it on: one line for every file
    await run_in_threadpool(warm_up)
    yield


def warm_up() -> None:
    """Do what the first visitor would otherwise wait for: imports and first connections."""
    import pandas  # noqa: F401

    for package in (ui, charts):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for first_use in (runs.list_workers, queue.lengths):
        with suppress(MHubError):
            first_use()
    gc.collect()
    gc.freeze()  # modules stay for ever: to walk through them in each full collection would stop every page for 100 ms


def make_app() -> Guard:
    """Return the whole web application. The guard stands outside, so that also an answer to a mistake of ours has its headers."""
    # Otherwise the first visitor, when the address names a page, gets Streamlit's older way with pages, without Home.py.
    PagesManager.uses_pages_directory = False
    drop_requests_of_pages_left()
    heed_only_what_our_pages_send()
    gather_messages()
    save_on_elements()
    read_once_a_look()
    app = st.App(
        settings.ROOT / "Home.py",
        routes=ROUTES,
        middleware=[
            Middleware(Limits),
            Middleware(Addresses, routes=ROUTES),
            Middleware(CompressedFiles),
        ],
        lifespan=_lifespan,
        exception_handlers={MHubError: answer_error},
        on_script_error=show_unexpected,
    )
    return Guard(app)
