"""Files stream to the store, for people of this hub and within its limits."""

from __future__ import annotations

import io
import resource
import threading
import time
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.errors import Invalid, MHubError
from mhub_core.server.answers import answer_error
from mhub_core.server.app import ROUTES
from mhub_core.server.folder_zip import FolderZip
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from tests.services import wait_until

ORIGIN = {"origin": "http://testserver"}


@pytest.fixture
def anna(database) -> User:
    return accounts.sign_up("anna@example.org", "Anna", "correct horse", "127.0.0.1")


@pytest.fixture
def client(anna) -> TestClient:
    """A browser in which Anna is signed in."""
    client = TestClient(Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error}), headers=ORIGIN)
    client.cookies.set(SESSION_COOKIE, accounts.redeem_ticket(accounts.issue_ticket(anna.id), "test"))
    return client


def left_over() -> list[str]:
    return [path.name for path in storage.incoming().iterdir()]


def test_a_file_comes_back_as_it_was_sent(client, anna):
    data = bytes(range(256)) * 20_000

    answer = client.post("/api/upload", files={"file": ("../../etc/Übung.csv", data)})

    assert answer.status_code == 200, answer.text
    upload = uploads.unseal(anna.id, answer.json()["upload"])
    assert (upload.file_name, upload.num_bytes) == ("Übung.csv", len(data))
    assert storage.read_bytes(upload.key) == data and left_over() == []


def test_the_files_of_a_folder_become_one_zip(client, anna):
    files = [("folder", ("pets/cat/1.png", b"miau")), ("folder", ("pets/dog/1.png", b"wuff" * 100_000))]

    upload = uploads.unseal(anna.id, client.post("/api/upload", files=files).json()["upload"])

    archive = zipfile.ZipFile(io.BytesIO(storage.read_bytes(upload.key)))
    assert archive.namelist() == ["pets/cat/1.png", "pets/dog/1.png"] and archive.read("pets/cat/1.png") == b"miau"
    assert upload.file_name == "pets (folder)"


def test_a_folder_of_many_files_takes_no_memory_for_each(tmp_path):
    path = tmp_path / "many.zip"
    tracemalloc.start()
    folder = FolderZip(path)
    for number in range(5_000):
        folder.begin(f"pets/cat/{number:05d} ä.png")
        folder.write(b"miau")
        folder.write(b"%d" % number)
        folder.end()
    folder.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 500_000  # Python's own writer: 1,900,000
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None and len(archive.namelist()) == 5_000
        assert archive.read("pets/cat/04999 ä.png") == b"miau4999"


def test_a_visitor_is_asked_to_sign_in(client):
    client.cookies.clear()

    answer = client.post("/api/upload", files={"file": ("a.csv", b"a,b")})

    assert answer.status_code == 401 and "account" in answer.json()["error"]["happened"]


def test_a_foreign_page_cannot_send_in_my_name(client):
    answer = client.post("/api/upload", files={"file": ("a.csv", b"a,b")}, headers={"origin": "http://evil.example"})

    assert answer.status_code == 403


@pytest.mark.parametrize("length_is_told", [True, False])
def test_too_much_is_refused_while_it_comes_and_nothing_is_kept(client, monkeypatch, length_is_told):
    monkeypatch.setenv("MHUB_MAX_UPLOAD_MB", "1")
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + bytes(3_000_000) + b"\r\n--x--\r\n"
    content = body if length_is_told else (body[at : at + 100_000] for at in range(0, len(body), 100_000))

    answer = client.post("/api/upload", content=content, headers={"content-type": "multipart/form-data; boundary=x"})

    assert answer.status_code == 413 and "larger than 1 MB" in answer.json()["error"]["happened"]
    assert left_over() == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"hello"),
        ("multipart/form-data", b"hello"),
        (f"multipart/form-data; boundary={'x' * 257}", b"hello"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"hello"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf',
        ),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
    ],
)
def test_what_is_no_complete_upload_is_refused_in_words(client, content_type, body):
    answer = client.post("/api/upload", content=body, headers={"content-type": content_type})

    assert answer.status_code == 400 and answer.json()["error"]["mend"] + answer.json()["error"]["expected"]
    assert left_over() == []


def test_several_files_that_are_no_folder_are_refused(client):
    files = [("file", ("a.csv", b"a")), ("file", ("b.csv", b"b"))]

    assert "several files" in client.post("/api/upload", files=files).json()["error"]["happened"]


def test_a_full_disk_is_told_as_such(client, monkeypatch):
    def full(_path, _sender_id, _admit):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "take_file", full)

    answer = client.post("/api/upload", files={"file": ("a.csv", b"a,b")})

    assert answer.status_code == 503 and "disk of the hub is full" in answer.json()["error"]["happened"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_disk_that_fills_up_midway_is_told_and_nothing_stays(client, kind):
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, most))
    try:
        answer = client.post("/api/upload", files=[(kind, ("pets/cat/1.png", bytes(4_000_000)))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))

    assert answer.status_code == 503 and "disk of the hub is full" in answer.json()["error"]["happened"]
    assert left_over() == []


@pytest.mark.parametrize("length_is_told", [True, False])
def test_uploads_that_come_at_the_same_time_do_not_find_the_same_room(client, anna, length_is_told):
    admin = anna  # the first account
    ben = accounts.sign_up("ben@example.org", "Ben", "correct horse", "127.0.0.1")
    quotas.set_quota(admin, ben.email, 10)
    client.cookies.set(SESSION_COOKIE, accounts.redeem_ticket(accounts.issue_ticket(ben.id), "test"))

    def send(number: int) -> int:
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        body = head + bytes([number]) * 4_000_000 + b"\r\n--x--\r\n"
        content = body if length_is_told else iter([body])
        headers = {"content-type": "multipart/form-data; boundary=x"}
        return client.post("/api/upload", content=content, headers=headers).status_code

    with ThreadPoolExecutor(8) as senders:
        told = list(senders.map(send, range(8)))
    assert set(told) == {200, 413} and quotas.usage(ben).num_bytes <= 10_000_000
    assert left_over() == []


def test_a_receipt_serves_only_the_person_who_sent_the_file(client, anna):
    token = client.post("/api/upload", files={"file": ("a.csv", b"a,b")}).json()["upload"]

    with pytest.raises(Invalid, match="no longer available"):
        uploads.unseal(anna.id + 1, token)
    with pytest.raises(Invalid, match="no longer available"):
        uploads.unseal(anna.id, token[:-1])


def test_a_file_store_that_says_nothing_takes_no_thread_of_the_pages(client, monkeypatch):
    begun, says = [], threading.Event()

    def silent(*_given: object) -> str:
        begun.append(1)
        says.wait(60)
        return "0" * 64

    monkeypatch.setattr(storage, "take_file", silent)
    with client, ThreadPoolExecutor(61) as pool:
        for _ in range(60):
            pool.submit(client.post, "/api/upload", files={"file": ("a.csv", b"a,b")})
        wait_until(lambda: len(left_over()) == 60 and len(begun) >= 16)
        time.sleep(1)  # until all threads that they may take are taken
        try:
            assert pool.submit(client.get, "/api/runs/1/live").result(timeout=20).status_code == 404
        finally:
            says.set()
