"""An S3 server that is away, slow, full, forgetful or wrong: each ends in a sentence, and nothing is lost or half-written."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import threading
import time
from datetime import timedelta

import boto3
import pytest
from obstore.exceptions import GenericError

from db.base import now
from mhub_core import settings
from mhub_core.errors import MHubError, NotFound, Unavailable
from mhub_core.storage import artifact_service, blob_service, cache, s3
from mhub_core.storage import service as storage
from mhub_core.storage.backend import name_of
from tests import factories
from tests.services import parts_of
from tests.storage import rogue
from tests.storage.conftest import forget_copies, left_over

pytestmark = pytest.mark.slow

KEY = hashlib.sha256(b"hello").hexdigest()


@pytest.fixture
def credentials(hub_home, monkeypatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")


@pytest.fixture
def be(credentials, monkeypatch):
    """Make a rogue server the file store of this hub: `with be(manner):`"""

    def use(answer: rogue.Answer):
        context = rogue.rogue(answer)
        server = context.__enter__()
        servers.append(context)
        monkeypatch.setenv("STORAGE_URL", server.url())
        return server

    servers: list = []
    yield use
    for context in servers:
        context.__exit__(None, None, None)


def no_copies() -> bool:
    return [path.name for path in (cache.work_folder() / "cache").glob("*") if path.is_file()] == []


def every_verb() -> list:
    return [
        lambda: storage.put_bytes(b"hello"),
        lambda: storage.local_path(KEY),
        lambda: storage.read_bytes(KEY),
        lambda: storage.num_bytes(KEY),
        lambda: list(storage.list_keys()),
        lambda: storage.delete(KEY),
        storage.check,
    ]


@pytest.mark.parametrize("number", range(7))
def test_a_store_that_is_away_is_told_within_seconds(credentials, monkeypatch, number):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    monkeypatch.setenv("STORAGE_URL", f"s3://mhub-tests?endpoint=http://127.0.0.1:{port}")
    began = time.monotonic()

    with pytest.raises(Unavailable, match="does not answer.*Nothing is lost") as told:
        every_verb()[number]()

    assert time.monotonic() - began < 10 and len(str(told.value)) < 300
    assert left_over() == [] and no_copies()


@pytest.mark.parametrize("number", range(7))
def test_a_wrong_secret_is_told_without_showing_it(be, number):
    be(rogue.refuse(403, "SignatureDoesNotMatch"))

    with pytest.raises(Unavailable, match="refuses this hub's credentials.*AWS_SECRET_ACCESS_KEY") as told:
        every_verb()[number]()

    assert "very secret" not in str(told.value) and left_over() == [] and no_copies()


def test_a_store_that_says_nothing_is_given_up(be, monkeypatch):
    monkeypatch.setattr(s3, "READ_SECONDS", 1)
    enough = threading.Event()
    be(lambda request: enough.wait(20))
    began = time.monotonic()

    with pytest.raises(Unavailable, match="does not answer"):
        storage.read_bytes(KEY)

    assert time.monotonic() - began < 15
    enough.set()


def test_a_slow_store_is_waited_for_as_long_as_bytes_come(be, monkeypatch):
    monkeypatch.setattr(s3, "READ_SECONDS", 1)

    def drip(request: rogue.Rogue) -> None:
        request.say(200, b"", length=5)
        for letter in b"hello":
            request.wfile.write(bytes([letter]))
            time.sleep(0.4)

    be(drip)

    assert storage.read_bytes(KEY) == b"hello"  # 2 s in all, and never a second of silence


def test_a_full_store_is_told_and_nothing_is_half_written(be):
    be(rogue.full)

    with pytest.raises(Unavailable, match="is full.*none of your data is lost"):
        storage.put_bytes(b"hello")

    assert left_over() == [] and no_copies()


def test_a_file_that_a_full_store_refuses_is_still_there(be):
    be(rogue.full)
    path = storage.incoming() / "model"
    path.write_bytes(b"hello")

    with pytest.raises(Unavailable, match="is full"):
        storage.take_file(path)

    assert path.read_bytes() == b"hello"


def test_a_store_that_takes_a_file_and_forgets_it_is_found_out(be):
    be(lambda request: request.say(404 if request.command == "HEAD" else 200))

    with pytest.raises(Unavailable, match="did not keep the file"):
        storage.put_bytes(b"hello")

    assert no_copies()


def test_a_missing_bucket_is_told_by_name(on_s3, monkeypatch):
    monkeypatch.setenv("STORAGE_URL", on_s3.replace("s3://", "s3://not-"))

    for verb in (
        lambda: storage.put_bytes(b"hello"),
        lambda: storage.local_path(KEY),
        storage.check,
        lambda: list(storage.list_keys()),
    ):
        with pytest.raises(Unavailable, match="no bucket not-.*STORAGE_URL"):
            verb()


@pytest.mark.parametrize("bytes_sent", [b"hallo", b"<html>Please sign in to the network</html>", b""])
def test_other_bytes_never_reach_anybody(be, bytes_sent):
    be(rogue.serve(bytes_sent))

    with pytest.raises(NotFound, match="damaged"):
        storage.local_path(KEY)

    assert no_copies()


def test_an_answer_that_breaks_off_never_reaches_anybody(be):
    be(rogue.serve(b"hel", length=5))

    with pytest.raises(MHubError):
        storage.local_path(KEY)

    assert no_copies()


def test_a_blob_that_was_changed_in_the_bucket_is_noticed(on_s3):
    key = storage.put_bytes(b"weights")
    change_in_bucket(key, b"wxights")
    forget_copies()

    with pytest.raises(NotFound, match="damaged"):
        storage.local_path(key)


def test_a_blob_that_is_cut_short_in_the_bucket_is_stored_anew(on_s3):
    key = storage.put_bytes(b"weights")
    change_in_bucket(key, b"wei")

    storage.put_bytes(b"weights")
    forget_copies()

    assert storage.read_bytes(key) == b"weights"


def change_in_bucket(key: str, data: bytes) -> None:
    endpoint, bucket, prefix = parts_of(settings.storage_url())
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.put_object(Bucket=bucket, Key=f"{prefix}/{name_of(key)}", Body=data)


def test_an_error_that_nobody_foresaw_is_cut_to_a_sentence(be):
    be(lambda request: request.say(418, b"<Error><Code>Teapot</Code><Message>" + b"x" * 5000 + b"</Message></Error>"))

    with pytest.raises(Unavailable, match="The file store failed") as told:
        storage.read_bytes(KEY)

    assert len(str(told.value)) < 500


def test_a_certificate_that_is_not_trusted_is_told_as_such(on_s3, monkeypatch):
    def refused(*_: object) -> None:
        raise GenericError(
            "Generic S3 error: ... - HTTP error: error sending request\n\nDebug source: InvalidCertificate(Expired)"
        )

    monkeypatch.setattr("obstore.head", refused)

    with pytest.raises(Unavailable, match="certificate of the file store is not trusted"):
        storage.num_bytes(KEY)


def test_a_forked_process_is_told_that_it_cannot_use_the_store(on_s3):
    key = storage.put_bytes(b"hello")
    forget_copies()
    child = os.fork()
    if child == 0:
        try:
            storage.read_bytes(key)
        except Unavailable:
            os._exit(7)
        os._exit(0)
    patience = threading.Timer(20, lambda: os.kill(child, signal.SIGKILL))
    patience.start()

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    patience.cancel()


REMOVING = {"DELETE", "POST"}  # one file, or a list of them


def test_a_file_is_not_held_while_a_store_that_is_away_is_asked_to_remove_it(be, database):
    ada = factories.person("ada")
    blob_service.record(KEY, 5, ada.id)
    server = be(rogue.refuse(403, "AccessDenied"))

    with pytest.raises(Unavailable):
        artifact_service.release(KEY, now() + timedelta(days=1), ada.id)

    assert server.requests and not REMOVING & set(server.requests)
