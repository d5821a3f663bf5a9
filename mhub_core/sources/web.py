"""A file at an address of the web."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from mhub_core.data.records import Progress
from mhub_core.sources import fetching
from mhub_core.sources.source import FILE, Asked, Field, Limits, missing

_WHAT = {
    401: "The server asks for a password.",
    403: "The server does not give this file to the hub.",
    404: "There is no file at this address.",
    410: "The file is no longer at this address.",
    429: "The server asks for patience.",
}


class Web:
    """`config` holds the address without what stands behind its question mark, which may be a key: that is in the secret."""

    name = "web"
    title = "From the web"
    help = "The hub fetches the file itself, so it need not pass through your computer."
    fields: tuple[Field, ...] = (
        Field("url", "Address of the file", example="https://example.org/data.csv", help="A direct link, http:// or https://."),
    )

    def check(self, given: dict[str, str]) -> Asked:
        """Check the address by its form."""
        url = given.get("url", "").partition("#")[0]
        problems = missing(self.fields, given)
        if not problems and (wrong := fetching.problem(url)):
            problems["url"] = wrong
        address, question, query = url.partition("?")
        return Asked({"url": address}, {"query": question + query} if question else {}, problems)

    def words(self, config: dict[str, str]) -> str:
        """Return the address."""
        return config["url"]

    def public_words(self, config: dict[str, str]) -> str:
        """Return the server alone."""
        return str(urlsplit(config["url"]).hostname)

    def fetch(self, config: dict[str, str], secret: dict[str, str], folder: Path, limits: Limits, progress: Progress) -> str:
        """Fetch the file."""
        answer = fetching.get(config["url"] + secret.get("query", ""), folder / FILE, limits, progress)
        if answer.status != 200:
            raise fetching.explain(answer, _WHAT, repr(urlsplit(config["url"]).hostname))
        return answer.file_name
