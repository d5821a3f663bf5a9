"""An object of S3: a server that speaks it, one that checks signatures, and what people get wrong."""

from __future__ import annotations

import hashlib
import hmac
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, quote, urlsplit

import boto3
import pytest

from mhub_core.errors import Forbidden, Invalid, MHubError, TooLarge
from mhub_core.sources.bucket import Bucket
from mhub_core.sources.source import FILE
from tests import services
from tests.sources.conftest import limits, sends

DATA = b"a,b\n1,2\n"
NAME, SECRET = "AKIAREADER", "the-secret"


def signature(handler: BaseHTTPRequestHandler, secret: str) -> str:
    """Return by what who knows a secret signs this request (AWS Signature Version 4, in the query)."""
    parts = urlsplit(handler.path)
    query = {name: value for name, value in parse_qsl(parts.query) if name != "X-Amz-Signature"}
    told = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(query.items()))
    asked = f"GET\n{parts.path}\n{told}\nhost:{handler.headers['Host']}\n\nhost\nUNSIGNED-PAYLOAD"
    scope = query["X-Amz-Credential"].split("/", 1)[1]
    signed = f"AWS4-HMAC-SHA256\n{query['X-Amz-Date']}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    key = b"AWS4" + secret.encode()
    for part in (*scope.split("/"), signed):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def checks(handler: BaseHTTPRequestHandler) -> None:
    """Give the object to who has the keys of its account."""
    query = dict(parse_qsl(urlsplit(handler.path).query))
    if not query:
        code = "AccessDenied"
    elif query["X-Amz-Credential"].split("/")[0] != NAME:
        code = "InvalidAccessKeyId"
    else:
        code = "" if query["X-Amz-Signature"] == signature(handler, SECRET) else "SignatureDoesNotMatch"
    sends(f"<Error><Code>{code}</Code></Error>".encode(), 403)(handler) if code else sends(DATA)(handler)


@pytest.fixture
def store(serve) -> dict[str, str]:  # noqa: ANN001
    """A server that checks who asks: what its form is filled in with."""
    url = serve({"/data/cars/%C3%BC%201.csv": checks, "/data/none.csv": sends(b"<Code>NoSuchKey</Code>", 404)})
    return {"endpoint": url, "access_key": NAME, "secret_key": SECRET, "bucket": "data", "key": "cars/ü 1.csv"}


def fetch(given: dict[str, str], folder, **other) -> tuple[str, bytes]:  # noqa: ANN001, ANN003
    asked = Bucket().check(given)
    assert not asked.problems, asked.problems
    name = Bucket().fetch(asked.config, asked.secret, folder, limits(**other), lambda *_: None)
    return name, (folder / FILE).read_bytes()


def test_an_object_comes_with_the_keys_of_its_account(store, folder):
    assert fetch(store, folder) == ("ü 1.csv", DATA)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"secret_key": "hidden-secret"}, "secret key does not belong"),
        ({"access_key": "AKIAHIDDEN"}, "does not know this access key"),
        ({"access_key": "", "secret_key": ""}, "may not read this object"),
    ],
)
def test_wrong_keys_are_told_and_not_shown(store, folder, wrong, told):
    with pytest.raises(Invalid, match=told) as caught:
        fetch({**store, **wrong}, folder)

    assert not any(word in str(caught.value) for word in ("hidden", "AKIA", "Signature="))


@pytest.mark.slow
def test_an_object_of_a_real_server_comes(s3, folder):
    server, bucket, _ = services.parts_of(s3)
    client = boto3.client("s3", endpoint_url=server, region_name="us-east-1")
    client.put_object(Bucket=bucket, Key="a b/ü+.csv", Body=DATA)
    given = {
        "endpoint": server,
        "access_key": "tests",
        "secret_key": "secret of the tests",
        "bucket": bucket,
        "key": "a b/ü+.csv",
    }

    assert fetch(given, folder) == ("ü+.csv", DATA)
    for wrong, told in (({"key": "none"}, "no such object"), ({"bucket": "none"}, "no such bucket")):
        with pytest.raises(Invalid, match=told):
            fetch({**given, **wrong}, folder)


@pytest.mark.parametrize("key", ["a//b", "..", "a/../b", "./a", "a\nb"])
def test_a_key_that_cannot_be_signed_for_is_told(store, folder, key):
    with pytest.raises(Invalid, match="bucket or the key cannot be used"):
        fetch({**store, "key": key}, folder)


def test_an_object_that_is_not_there_is_told(store, folder):
    with pytest.raises(MHubError, match="no such object"):
        fetch({**store, "key": "none.csv"}, folder)


def test_an_object_that_is_too_large_is_refused_and_so_is_a_server_of_the_inside(store, folder):
    with pytest.raises(TooLarge):
        fetch(store, folder, max_bytes=4)
    with pytest.raises(Forbidden, match="not public"):
        fetch(store, folder, networks=())


def test_a_redirect_of_a_bucket_is_not_followed(serve, folder):
    url = serve({"/data/a.csv": sends(b"<Code>PermanentRedirect</Code>", 301, Location="http://169.254.169.254/")})

    with pytest.raises(Invalid, match="another region"):
        fetch({"endpoint": url, "bucket": "data", "key": "a.csv"}, folder)


def test_wrong_fields_are_told_beside_them():
    given = {"bucket": "a/b", "key": "", "endpoint": "s3.example.org", "region": "Europe!", "access_key": "only"}

    assert Bucket().check(given).problems.keys() == {"bucket", "key", "endpoint", "region", "secret_key"}
    assert Bucket().words({"bucket": "b", "key": "k", "endpoint": ""}) == "s3://b/k"
    assert Bucket().public_words({"bucket": "b", "key": "k", "endpoint": "https://inner.example.org"}) == "S3"
