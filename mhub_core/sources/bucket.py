"""An object in a bucket of Amazon S3, or of any server that speaks its protocol.

The request is signed by obstore and sent as every other one, so that the server's address is checked as that of any other.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from mhub_core.data.records import Progress
from mhub_core.errors import Invalid, MHubError
from mhub_core.sources import fetching
from mhub_core.sources.fetching import Answer
from mhub_core.sources.source import FILE, SECRET, Asked, Field, Limits, missing

_SIGNED_FOR = timedelta(hours=1)  # until it begins
_REGION = "us-east-1"
_CODES = {
    "NoSuchBucket": ("There is no such bucket.", "Check the bucket, the region and the server."),
    "NoSuchKey": ("There is no such object in the bucket.", "Check the key: small and capital letters count."),
    "InvalidAccessKeyId": ("The server does not know this access key.", "Check the access key."),
    "SignatureDoesNotMatch": ("The secret key does not belong to the access key.", "Check the secret key."),
    "AccessDenied": ("These keys may not read this object.", "Check the keys, or who may read the object."),
    "PermanentRedirect": ("The bucket lies in another region.", "Enter the region of the bucket."),
    "AuthorizationHeaderMalformed": ("The bucket lies in another region.", "Enter the region of the bucket."),
    "AuthorizationQueryParametersError": ("The bucket lies in another region.", "Enter the region of the bucket."),
}
_STATUSES = {301: "PermanentRedirect", 307: "PermanentRedirect", 403: "AccessDenied", 404: "NoSuchKey"}


class Bucket:
    """`config` holds endpoint, region, bucket and key; the secret the two keys of the account, if any."""

    name = "s3"
    title = "From S3"
    help = "One object of a bucket, of Amazon S3 or of a server that speaks its protocol (MinIO, Ceph, R2)."
    fields: tuple[Field, ...] = (
        Field("bucket", "Bucket", example="my-bucket"),
        Field("key", "Key of the object", example="folder/data.csv", keeps_secret=True),
        Field("endpoint", "Server (empty: Amazon)", example="https://s3.example.org", may_be_empty=True),
        Field("region", f"Region (empty: {_REGION})", example="eu-central-1", may_be_empty=True),
        Field("access_key", "Access key (empty: the object is open to everyone)", SECRET, may_be_empty=True),
        Field("secret_key", "Secret key", SECRET, may_be_empty=True),
    )

    def check(self, given: dict[str, str]) -> Asked:
        """Check names and the server's address by their form."""
        problems = missing(self.fields, given)
        config = {name: given.get(name, "").strip() for name in ("bucket", "key", "endpoint", "region")}
        secret = {name: given.get(name, "").strip() for name in ("access_key", "secret_key") if given.get(name, "").strip()}
        config["endpoint"] = config["endpoint"].rstrip("/")
        if config["endpoint"] and (wrong := fetching.problem(config["endpoint"])):
            problems["endpoint"] = wrong
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._\-]{1,254}", config["bucket"]):
            problems.setdefault("bucket", "must be the name of a bucket, without a folder")
        if not re.fullmatch(r"[a-z0-9\-]{0,40}", config["region"]):
            problems.setdefault("region", "must be a region such as us-east-1")
        if len(secret) == 1:
            problems.setdefault("secret_key", "is needed together with the access key")
        return Asked(config, secret, problems)

    def words(self, config: dict[str, str]) -> str:
        """Return the place of the object."""
        return f"s3://{config['bucket']}/{config['key']}" + (f" at {config['endpoint']}" if config["endpoint"] else "")

    def public_words(self, config: dict[str, str]) -> str:
        """Return nothing of the place."""
        return "S3"

    def fetch(self, config: dict[str, str], secret: dict[str, str], folder: Path, limits: Limits, progress: Progress) -> str:
        """Sign the request and fetch the object; a redirect is not followed, because the signature is for one server."""
        url = _signed(config, secret) if secret else _open(config)
        answer = fetching.get(url, folder / FILE, limits, progress, may_redirect=False)
        if answer.status != 200:
            raise _told(answer)
        return config["key"].rstrip("/").rsplit("/", 1)[-1][:200]


def _open(config: dict[str, str]) -> str:
    key = quote(config["key"].lstrip("/"))
    if config["endpoint"]:
        return f"{config['endpoint']}/{config['bucket']}/{key}"
    return f"https://{config['bucket']}.s3.{config['region'] or _REGION}.amazonaws.com/{key}"


def _signed(config: dict[str, str], secret: dict[str, str]) -> str:
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    endpoint = config["endpoint"]
    try:
        store = S3Store(
            config["bucket"],
            region=config["region"] or _REGION,
            access_key_id=secret["access_key"],
            secret_access_key=secret["secret_key"],
            virtual_hosted_style_request=not endpoint,
            config={"endpoint": endpoint} if endpoint else {},
            client_options={"allow_http": True},
        )
        url: str = obstore.sign(store, "GET", config["key"].lstrip("/"), _SIGNED_FOR)
    except (BaseError, TypeError, ValueError, OSError):  # whose text may hold the keys; TypeError for a key such as a//b
        raise Invalid("The bucket or the key cannot be used.", mend="Check the bucket, the key and the server.") from None
    return url


def _told(answer: Answer) -> MHubError:
    found = re.search(r"<Code>(\w+)</Code>", answer.said)
    code = found[1] if found and found[1] in _CODES else _STATUSES.get(answer.status, "")
    if code in _CODES:
        return Invalid(_CODES[code][0], mend=_CODES[code][1])
    return fetching.explain(answer, {}, "of the bucket")
