"""What the supervisor and `mhub status` ask of the machine: is the port free, how is the hub, which GPUs are there."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from importlib import metadata
from typing import Any

from mhub_core import settings
from mhub_core.errors import Conflict, Invalid


def check_port(port: int) -> None:
    """Raise when no web server could listen on this port of MHUB_HOST."""
    host = settings.text("MHUB_HOST")
    if not 1 <= port <= 65535:
        raise Invalid(f"There is no port {port}.", "A port is a number from 1 to 65535.", "Change MHUB_PORT or --port.")
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        reason = "another program is using it" if "in use" in str(error) else getattr(error, "strerror", None) or str(error)
        raise Conflict(
            f"Port {port} on {host} cannot be used: {reason}.", "", f"Choose another one: ./mhub up --port {port + 1}"
        ) from error


def address() -> str:
    """Return the URL that a person on this machine opens."""
    host = settings.text("MHUB_HOST")
    name = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    return f"http://{name}:{settings.number('MHUB_PORT')}"


def health(url: str) -> dict[str, Any]:
    """Return what the web process says of the hub, or nothing while it does not answer."""
    # A proxy of the environment has no business between us and our own machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/api/health", timeout=2) as answer:
            return _read_json(answer.read())
    except urllib.error.HTTPError as error:
        return {"status": f"the web process answers with HTTP {error.code}"} | _read_json(error.read())
    except (OSError, ValueError):
        return {}


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def gpu_for(name: str) -> dict[str, str]:
    """Return the environment that gives each train worker one GPU of several, and keeps the others off them.

    TensorFlow takes all the memory of all the GPUs it sees; training must not share that with predictions.
    """
    if not name.startswith("train"):
        return {"CUDA_VISIBLE_DEVICES": "-1"}
    gpus = list_gpus()
    return {"CUDA_VISIBLE_DEVICES": gpus[(int(name.split("-")[1]) - 1) % len(gpus)]} if gpus else {}


def list_gpus() -> list[str]:
    """Return the numbers of the GPUs that this process may use."""
    if os.environ.get("CUDA_VISIBLE_DEVICES"):
        return os.environ["CUDA_VISIBLE_DEVICES"].split(",")
    if not shutil.which("nvidia-smi"):
        return []
    question = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
    return subprocess.run(question, capture_output=True, text=True, timeout=30).stdout.split()


def library_versions() -> dict[str, str]:
    """Return the versions of what decides the result of a training, without loading any of it."""
    found = {"python": platform.python_version()}
    for package in ("keras", "numpy", "tensorflow", "tensorflow-cpu", "jax"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found
