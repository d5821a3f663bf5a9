"""A person as others see them: text, image, activity; names that imitate others."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mhub_core.accounts import people_service
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid, MHubError, NotFound, SignInRequired, TooLarge
from mhub_core.finding import service as finding
from mhub_core.models import service as models
from mhub_core.people import profile_service as profiles
from mhub_core.people import service as people
from mhub_core.server.answers import answer_error
from mhub_core.server.app import ROUTES
from mhub_core.storage import artifact_service as artifacts
from tests import factories


def image(kind: str = "PNG", size: tuple[int, int] = (300, 200), mode: str = "RGB", **options) -> bytes:  # noqa: ANN003
    file = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(file, kind, **options)
    return file.getvalue()


def test_a_person_says_who_they_are_and_is_found_by_it(ada: User) -> None:
    profiles.describe(ada, "  Works on **poetical** science.  ")

    assert people.require_person(ada, ada.id).about == "Works on **poetical** science."
    [found] = finding.find(ada, "poetical").things
    assert (found.kind, found.title, found.excerpt) == ("person", "Ada", "Works on poetical science.")
    with pytest.raises(Invalid) as refused:
        profiles.describe(ada, "x" * 2001)
    assert "about" in refused.value.problems
    with pytest.raises(SignInRequired):
        profiles.describe(None, "x")


def test_an_image_becomes_a_small_square_that_counts_as_its_persons_and_goes_when_it_is_replaced(ada: User) -> None:
    before = quotas.usage(ada).num_bytes
    jpeg = image("JPEG", exif=b"Exif\0\0MM\0*secret place")
    profiles.set_picture(ada, jpeg)

    png = profiles.read_picture(ada, ada.id)
    with Image.open(io.BytesIO(png)) as shown:
        assert (shown.format, shown.size, shown.info) == ("PNG", (128, 128), {})
    assert b"secret" not in png and quotas.usage(ada).num_bytes == before + len(png)
    first = people.require_person(ada, ada.id).picture
    profiles.set_picture(ada, image("GIF", mode="L"))
    assert people.require_person(ada, ada.id).picture not in ("", first)
    keys = artifacts.unnamed(artifacts.GRACE * 0)
    assert [key[:12] for key in keys] == [first]
    profiles.remove_picture(ada)
    with pytest.raises(NotFound):
        profiles.read_picture(ada, ada.id)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


BOMB = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)) + chunk(b"IDAT", b"x")
HOSTILE = {
    "nothing": b"",
    "text": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a bomb": BOMB,
    "many pixels": image("PNG", (4000, 4000)),
    "cut off": image("PNG", (64, 64))[:60],
    "a page that begins like an image": b"GIF89a<script>alert(1)</script>",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "32 bits": image("TIFF", (8, 8), "F"),
}


def test_hostile_images_are_refused_in_words(ada: User) -> None:
    for what, sent in HOSTILE.items():
        with pytest.raises((Invalid, TooLarge)) as refused:
            profiles.set_picture(ada, sent)
        assert "image" in str(refused.value), what
    with pytest.raises(TooLarge, match="At most 10 MB"):
        profiles.set_picture(ada, b"x" * 10_000_001)
    assert people.require_person(ada, ada.id).picture == ""


def test_the_image_is_shown_to_whoever_may_know_of_the_person(ada: User) -> None:
    client = TestClient(Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error}), base_url="http://hub.example")
    profiles.set_picture(ada, image())
    address = f"/api/people/{ada.id}/image"

    assert client.get(address).status_code == 404  # a visitor, while Ada has published nothing
    models.create(ada, "Net", "", factories.chain(3), "public")
    shown = client.get(address)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert [client.get(f"/api/people/{odd}/image").status_code for odd in ("0", "-1", "9" * 30, "x", "%00")] == [404] * 5


def test_activity_tells_nobody_of_what_is_private(ada: User) -> None:
    bob = factories.person("bob")
    factories.run_row(ada, factories.model(ada, "private"), factories.dataset(ada, "private"))
    factories.run_row(ada, factories.model(ada), factories.dataset())

    assert sum(people.activity(ada, ada.id).values()) == 2 + 2 + 1  # runs, first versions, a dataset
    assert sum(people.activity(bob, ada.id).values()) == sum(people.activity(None, ada.id).values()) == 2
    with pytest.raises(NotFound):
        people.activity(None, bob.id)


@pytest.mark.parametrize("name", ["Аda", "Αda", "A\u200dda", "Z̸̡̢̛a", "Адa Lovelace", "", "a" * 81])  # the first two letters: А, Α
def test_names_that_imitate_others_are_refused(database, name: str) -> None:
    ada = factories.person("ada")
    with pytest.raises(Invalid) as refused:
        people_service.rename(ada, name)
    assert "name" in refused.value.problems
    with pytest.raises(Invalid):
        accounts.sign_up("new@example.org", name, "correct horse", "here")


@pytest.mark.parametrize(
    "name", ["Ада Лавлейс", "Nguyễn Thị Ánh", "李 Anna", "Ἀρχιμήδης", "علی\u200cرضا", "Иван Smith", "Zoë O’Neil"]
)
def test_names_of_one_alphabet_a_word_are_taken(database, name: str) -> None:
    ada = factories.person("ada")
    people_service.rename(ada, name)
    assert accounts.require_user(ada.id).name == name
    people_service.rename(ada, "Ａｄａ ﬁ")  # letters in disguise become themselves
    assert accounts.require_user(ada.id).name == "Ada fi"
