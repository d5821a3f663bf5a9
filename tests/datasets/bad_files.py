"""Bad files that people really upload, or that somebody makes to do harm, each with what must be said of it.

`python -m tests.datasets.bad_files` sends each of them to a hub of its own and prints a table: file, what was told, state after.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from mhub_core.accounts.records import User
from mhub_core.data.records import UploadPreview
from mhub_core.datasets import child, worker_service
from mhub_core.datasets import service as datasets
from mhub_core.errors import MHubError
from mhub_core.kinds.registry import require_kind
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from tests import factories
from tests.datasets.conftest import animals, pack, picture
from tests.datasets.workbooks import rows, workbook

REFUSED, TOLD = "refused", "told"  # nothing comes of it; or a dataset, and what is wrong with the file is said


@dataclass(frozen=True)
class Bad:
    """A bad file. `words`: a pattern of what is said. `outcome`: REFUSED, or TOLD with the examples that are `kept`."""

    what: str
    file_name: str
    data: Callable[[], bytes]
    outcome: str
    words: str
    kept: int | None = None
    choices: dict[str, Any] = field(default_factory=dict)  # of the form, such as another target


def table(body: str, head: str = "size,color,price") -> bytes:
    """Return a table of three columns."""
    return f"{head}\n{body}".encode()


def lines(number: int = 60) -> list[str]:
    """Return good rows of it."""
    return [f"{900 + n * 17 % 53},{('red', 'blue')[n % 2]},{n * 23 % 37}.5" for n in range(number)]


def of_colors(*colors: str, head: str = "size,color,price") -> bytes:
    """Return a good table of other colors."""
    return good(head=head, rows=[f"{n * 17 % 53},{colors[n % len(colors)]},{n * 23 % 37}.5" for n in range(60)])


def good(*more: str, head: str = "size,color,price", rows: list[str] | None = None) -> bytes:
    """Return a good table with some lines more."""
    return table("\n".join([*(rows or lines()), *more]) + "\n", head)


def records(**more: Any) -> list[dict[str, Any]]:
    """Return good rows as objects."""
    return [{"size": n * 17 % 53, "color": ("red", "blue")[n % 2], "price": n * 23 % 37, **more} for n in range(60)]


def parquet(frame: pl.DataFrame) -> bytes:
    """Return a Parquet file."""
    frame.write_parquet(buffer := io.BytesIO())
    return buffer.getvalue()


def tar(files: dict[str, bytes], link: tuple[str, str] | None = None) -> bytes:
    """Return a tar file, perhaps with a link in it."""
    with tarfile.open(fileobj=(buffer := io.BytesIO()), mode="w:gz") as archive:
        for name, data in files.items():
            (info := tarfile.TarInfo(name)).size = len(data)
            archive.addfile(info, io.BytesIO(data))
        if link:
            info = tarfile.TarInfo(link[0])
            info.type, info.linkname = tarfile.SYMTYPE, link[1]
            archive.addfile(info)
    return buffer.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    """Return an archive of arrays."""
    np.savez(buffer := io.BytesIO(), **arrays)
    return buffer.getvalue()


def objects_npz() -> bytes:
    """Return an archive of Python objects, which would run code when they are read as such."""
    np.savez(buffer := io.BytesIO(), x=np.array([{"a": 1}, None], dtype=object), y=np.array([0, 1]))
    return buffer.getvalue()


def bomb_zip(name: str, num_bytes: int) -> bytes:
    """Return a zip of one file of zeros."""
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as file:
        for _ in range(num_bytes >> 20):
            file.write(bytes(1 << 20))
    return buffer.getvalue()


def huge_png() -> bytes:
    """Return a PNG whose header says 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def encrypted_zip() -> bytes:
    """Return a zip whose files say that a password is needed."""
    data = bytearray(pack(animals()))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def far_cells() -> str:
    """Return the rows of a sheet with a cell a million rows down and sixteen thousand columns to the right."""
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return rows(["size", "price"], *[[n, 2 * n] for n in range(60)]) + far


def mask_pair(mask: Image.Image, size: tuple[int, int] = (32, 32)) -> dict[str, bytes]:
    """Return images with a mask each."""
    mask.save(buffer := io.BytesIO(), "PNG")
    files = {f"images/{n}.png": picture(size) for n in range(12)}
    return files | {f"masks/{n}.png": buffer.getvalue() for n in range(12)}


def squares() -> Image.Image:
    """Return a mask of two classes."""
    area = np.zeros((32, 32), np.uint8)
    area[8:20, 8:20] = 1
    return Image.fromarray(area)


LYING = b"{'descr': '|u1', 'fortran_order': False, 'shape': (999999999999, 8, 8), }"
RNG = random.Random(1)
LETTERS = "abcdefghijklmnopqrstuvwxyz"

TABLES: tuple[Bad, ...] = (
    Bad("nothing", "a.csv", lambda: b"", REFUSED, "empty"),
    Bad("blank lines alone", "a.csv", lambda: b"\n\n \n", REFUSED, "empty"),
    Bad("a header alone", "a.csv", lambda: b"size,color,price\n", REFUSED, "row"),
    Bad("one row", "a.csv", lambda: table("1,red,2\n"), REFUSED, "only one value"),
    Bad("one column", "a.csv", lambda: b"size\n1\n2\n3\n", REFUSED, "one column"),
    Bad("a PDF named CSV", "a.csv", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", REFUSED, "PDF"),
    Bad("a program named CSV", "a.csv", lambda: b"\x7fELF\x02\x01\x01" + bytes(200), REFUSED, "not a text file"),
    Bad("random bytes", "a.csv", lambda: RNG.randbytes(4000), REFUSED, "not a text file"),
    Bad("an image named CSV", "a.csv", picture, REFUSED, "an image"),
    Bad("a page of the web", "a.csv", lambda: b"<!DOCTYPE html><html><body>Not found</body></html>", REFUSED, "a web page"),
    Bad("NUL bytes within cells", "a.csv", lambda: good("1000,r\0ed,50.5"), TOLD, "NUL byte", 61),
    Bad("mixed line ends", "a.csv", lambda: good().replace(b"\n", b"\r\n", 20).replace(b"\r\n", b"\r", 5), TOLD, "", 60),
    Bad("an open quotation mark", "a.csv", lambda: good('1000,"red,50.5', "1010,blue,51.5"), TOLD, "quotation", 62),
    Bad("rows of other lengths", "a.csv", lambda: good("1,red", "2,blue,3,4"), TOLD, "cells", 60),
    Bad("two columns of one name", "a.csv", lambda: good(head="size,size,price"), TOLD, "size", 60),
    Bad("an empty name", "a.csv", lambda: good(head="size,,price"), TOLD, "name", 60),
    Bad("a name of 10,000 letters", "a.csv", lambda: good(head=f"size,{'c' * 10_000},price"), TOLD, "too long", 60),
    Bad(
        "ten thousand columns",
        "a.csv",
        lambda: (",".join(f"c{n}" for n in range(10_000)) + "\n" + ",".join("1" * 10_000) + "\n").encode(),
        REFUSED,
        "columns",
    ),
    Bad("a cell of two million letters", "a.csv", lambda: good(f"1,{'x' * 2_000_000},3"), REFUSED, "line|cell|long"),
    Bad(
        "a target without values",
        "a.csv",
        lambda: table("".join(f"{n},red,\n" for n in range(60))),
        REFUSED,
        "missing",
        choices={"target": "price"},
    ),
    Bad(
        "a target of one value",
        "a.csv",
        lambda: table("".join(f"{n},red,5\n" for n in range(60))),
        REFUSED,
        "only one value",
        choices={"target": "price"},
    ),
    Bad(
        "a class for each row",
        "a.csv",
        lambda: table("".join(f"{n},{n}-{''.join(RNG.choices(LETTERS, k=8))},5\n" for n in range(60))),
        REFUSED,
        "only one example",
        choices={"target": "color", "task": "classification"},
    ),
    Bad(
        "words in a target of numbers",
        "a.csv",
        lambda: good("1,red,unknown"),
        TOLD,
        "'unknown' counts as missing",
        60,
        {"target": "price", "task": "regression"},
    ),
    Bad("numbers beyond any measure", "a.csv", lambda: good("1e400,red,3"), TOLD, "infinite or beyond", 61),
    Bad("infinite and NaN", "a.csv", lambda: good("inf,red,3", "NaN,red,4"), TOLD, "infinite or beyond", 62),
    Bad(
        "ids of 64 bits",
        "a.csv",
        lambda: good(head="id,color,price", rows=[f"{9007199254740993 + n},{'ab'[n % 2]},{n * 23 % 37}" for n in range(60)]),
        TOLD,
        "'id' is not used",
        60,
    ),
    Bad("labels that differ by a blank", "a.csv", lambda: good("1, red ,3"), TOLD, "", 61),
    Bad(
        "labels in two Unicode forms",
        "a.csv",
        lambda: of_colors("caf\u00e9", "cafe\u0301", "bar"),
        TOLD,
        "another Unicode form",
        60,
    ),
    Bad(
        "text in Latin-1",
        "a.csv",
        lambda: of_colors("grün", "weiß", head="größe,color,price").decode().encode("latin-1"),
        TOLD,
        "Latin|Windows|UTF-8",
        60,
    ),
    Bad("UTF-16 without a mark", "a.csv", lambda: good().decode().encode("utf-16-le"), TOLD, "UTF-16", 60),
    Bad("half a letter at the end", "a.csv", lambda: good() + "1,ü,3".encode()[:-3], TOLD, "not UTF-8", 60),
    Bad("separated by blanks", "a.csv", lambda: good().replace(b",", b"  "), TOLD, "separated by blanks", 60),
    Bad("an upload cut off in a row", "a.csv", lambda: good()[:-9], TOLD, "2 cells instead of 3", 59),
    Bad("formulas of spreadsheets", "a.csv", lambda: good("=HYPERLINK(1),@cmd,3"), TOLD, "HYPERLINK", 61),
    Bad("a gzip bomb", "a.csv.gz", lambda: gzip.compress(b"a,b\n" + bytes(600 << 20), 9), REFUSED, "not a text file"),
    Bad("a broken gzip", "a.csv.gz", lambda: gzip.compress(good())[:200], REFUSED, "damaged or not complete"),
    Bad("a gzip of a gzip", "a.csv.gz", lambda: gzip.compress(gzip.compress(good())), REFUSED, "inside of this one"),
)
JSON: tuple[Bad, ...] = (
    Bad("empty JSON", "a.json", lambda: b"", REFUSED, "empty"),
    Bad("an empty list", "a.json", lambda: b"[]", REFUSED, "no rows"),
    Bad("a number", "a.json", lambda: b"7", REFUSED, "holds no table"),
    Bad("one object", "a.json", lambda: b'{"a": 1}', REFUSED, "holds no table"),
    Bad("a list of numbers", "a.json", lambda: b"[1, 2, 3]", REFUSED, "is a number, not an object"),
    Bad("nested 100,000 deep", "a.json", lambda: b"[" * 100_000, REFUSED, "nested too deeply"),
    Bad(
        "nested 100,000 deep in a row",
        "a.json",
        lambda: b'[{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        REFUSED,
        "nested too deeply",
    ),
    Bad("JSON cut off", "a.json", lambda: json.dumps(records()).encode()[:-200], REFUSED, "unterminated string"),
    Bad("single quotes", "a.json", lambda: str(records()).encode(), REFUSED, "double quotes"),
    Bad(
        "two keys of one name",
        "a.json",
        lambda: json.dumps(records()).replace('"color"', '"size"').encode(),
        REFUSED,
        "occurs twice",
        None,
    ),
    Bad(
        "rows of other keys",
        "a.json",
        lambda: json.dumps([*records(), {"other": 1}]).encode(),
        TOLD,
        "target 'price' is missing",
        60,
    ),
    Bad(
        "NaN in JSON",
        "a.json",
        lambda: json.dumps([*records(), {"size": float("nan"), "color": "red", "price": 1}]).encode(),
        TOLD,
        "",
        61,
    ),
    Bad(
        "a number of 10,000 digits",
        "a.json",
        lambda: json.dumps(records()).encode()[:-1] + b', {"size": ' + b"9" * 10_000 + b', "color": "red", "price": 1}]',
        REFUSED,
        "more than 4,300 digits",
    ),
    Bad(
        "half a surrogate",
        "a.json",
        lambda: json.dumps([*records(), {"size": 1, "color": "\ud800", "price": 1}]).encode(),
        TOLD,
        "half of a letter",
        60,
    ),
    Bad("10,000 keys", "a.json", lambda: json.dumps([{f"k{n}": n for n in range(10_000)}] * 20).encode(), REFUSED, "columns"),
    Bad(
        "a broken line",
        "a.jsonl",
        lambda: "\n".join(map(json.dumps, records())).encode() + b"\n{broken\n",
        TOLD,
        "is no JSON",
        60,
    ),
    Bad(
        "a line that is a list",
        "a.jsonl",
        lambda: "\n".join(map(json.dumps, records())).encode() + b"\n[1, 2]\n",
        TOLD,
        "is a list",
        60,
    ),
    Bad("lines of nothing", "a.jsonl", lambda: b"\n\n\n", REFUSED, "no rows"),
)
BOOKS: tuple[Bad, ...] = (
    Bad("an empty workbook", "a.xlsx", lambda: workbook(Data=rows()), REFUSED, "sheet is empty"),
    Bad(
        "a cell at the far end of a sheet", "a.xlsx", lambda: workbook(Data=far_cells()), REFUSED, "reach to row 1,048,576", None
    ),
    Bad("a zip named xlsx", "a.xlsx", lambda: pack({"a.txt": b"hello"}), REFUSED, "one column"),
    Bad(
        "a workbook cut off",
        "a.xlsx",
        lambda: workbook(Data=rows(["a", "b"], *[[n, n] for n in range(60)]))[:-300],
        REFUSED,
        "not a workbook",
    ),
    Bad("text named xlsx", "a.xlsx", lambda: good(), TOLD, "", 60),
    Bad("an old xls", "a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), REFUSED, "not a workbook"),
    Bad("an XML bomb in a workbook", "a.xlsx", lambda: _xml_bomb(), REFUSED, "definitions"),
    Bad("Parquet cut off", "a.parquet", lambda: parquet(pl.DataFrame(records()))[:-50], REFUSED, "Parquet file is damaged"),
    Bad("no Parquet", "a.parquet", lambda: b"PAR1" + bytes(100) + b"PAR1", REFUSED, "Parquet file is damaged"),
    Bad(
        "Parquet of nested types",
        "a.parquet",
        lambda: parquet(pl.DataFrame([{**row, "list": [1, 2]} for row in records()])),
        TOLD,
        "list",
        60,
    ),
    Bad("Parquet without rows", "a.parquet", lambda: parquet(pl.DataFrame(records()).head(0)), REFUSED, "row"),
    Bad(
        "Parquet of 10,000 columns",
        "a.parquet",
        lambda: parquet(pl.DataFrame({f"c{n}": [1, 2] for n in range(10_000)})),
        REFUSED,
        "columns",
    ),
    Bad("a zip of two tables", "a.zip", lambda: pack({"a.csv": good(), "b.csv": good()}), TOLD, "'a.csv' is read", 60),
    Bad("a zip of a zip", "a.zip", lambda: pack({"a.zip": pack({"a.csv": good()})}), REFUSED, "no image"),
    Bad("a table behind a path out", "a.zip", lambda: pack({"../../a.csv": good()}), REFUSED, "points outside", None),
)


def _xml_bomb() -> bytes:
    """Return a workbook whose sheet has entities that grow without end."""
    book = workbook(Data=rows(["a", "b"], [1, 2]))
    bomb = b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        f'<!ENTITY {LETTERS[n + 1]} "{f"&{LETTERS[n]};" * 10}">'.encode() for n in range(9)
    )
    files = {}
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            is_sheet = name.startswith("xl/worksheets/")
            files[name] = bomb + b"]>" + data.split(b"?>", 1)[-1].replace(b"<v>", b"<v>&j;") if is_sheet else data
    return pack(files)


IMAGES: tuple[Bad, ...] = (
    Bad("an empty zip", "a.zip", lambda: pack({}), REFUSED, "no image"),
    Bad("a zip of texts", "a.zip", lambda: pack({"cat/1.doc": b"cat", "dog/1.doc": b"dog"}), REFUSED, "no image"),
    Bad("a zip cut off", "a.zip", lambda: pack(animals())[:-400], REFUSED, "not a zip"),
    Bad("no zip", "a.zip", lambda: b"PK\x03\x04" + RNG.randbytes(500), REFUSED, "not a zip"),
    Bad("a zip with a password", "a.zip", encrypted_zip, REFUSED, "encrypted"),
    Bad("a zip bomb", "a.zip", lambda: bomb_zip("cat/1.png", 300 << 20), REFUSED, "Unpacked"),
    Bad("20,000 empty files", "a.zip", lambda: pack({f"cat/{n}.png": b"" for n in range(20_000)}), REFUSED, "only one class"),
    Bad(
        "paths out of the folder",
        "a.zip",
        lambda: pack({**animals(), "../../../etc/cat.png": picture()}),
        REFUSED,
        "points outside",
        None,
    ),
    Bad(
        "a link to a file of the server",
        "a.tar.gz",
        lambda: tar(animals(), ("cat/link.png", "/etc/passwd")),
        REFUSED,
        "contains a link",
        None,
    ),
    Bad("a tar cut off", "a.tar.gz", lambda: tar(animals())[:-500], REFUSED, "not a tar"),
    Bad("no tar", "a.tar.gz", lambda: gzip.compress(b"hello"), REFUSED, "not a tar"),
    Bad("images of one class", "a.zip", lambda: pack({f"cat/{n}.png": picture() for n in range(12)}), REFUSED, "only one class"),
    Bad("images without folders", "a.zip", lambda: pack({f"{n}.png": picture() for n in range(12)}), REFUSED, "no class folder"),
    Bad(
        "one image for each class",
        "a.zip",
        lambda: pack({"cat/1.png": picture(), "dog/1.png": picture()}),
        REFUSED,
        "could be used",
    ),
    Bad("a text named PNG", "a.zip", lambda: pack({**animals(), "cat/99.png": b"hello"}), TOLD, "not an image", 12),
    Bad("an image cut off", "a.zip", lambda: pack({**animals(), "cat/99.png": picture()[:300]}), TOLD, "damaged", 12),
    Bad("an empty image", "a.zip", lambda: pack({**animals(), "cat/99.png": b""}), TOLD, "not an image", 12),
    Bad(
        "an image of 60,000 x 60,000", "a.zip", lambda: pack({**animals(), "cat/99.png": huge_png()}), TOLD, "too many pixels", 12
    ),
    Bad(
        "an SVG with a script",
        "a.zip",
        lambda: pack({**animals(), "cat/99.svg": b"<svg><script>alert(1)</script></svg>"}),
        TOLD,
        "not an image",
        12,
    ),
    Bad("an animated image", "a.zip", lambda: pack({**animals(), "cat/99.gif": _animated()}), TOLD, "animated", 13),
    Bad("16 bits a pixel", "a.zip", lambda: pack({**animals(), "cat/99.png": _deep()}), TOLD, "16 bits", 13),
    Bad("a PNG of one pixel", "a.zip", lambda: pack({**animals(), "cat/99.png": picture((1, 1))}), TOLD, "", 13),
    Bad(
        "what a Mac adds",
        "a.zip",
        lambda: pack({**animals(), "__MACOSX/cat/._1.png": b"\0\5\x16\7", ".DS_Store": b"x"}),
        TOLD,
        "",
        12,
    ),
    Bad(
        "backslashes of Windows",
        "a.zip",
        lambda: pack({name.replace("/", "\\"): data for name, data in animals().items()}),
        TOLD,
        "",
        12,
    ),
    Bad("arrays of objects", "a.npz", objects_npz, REFUSED, "holds object"),
    Bad("arrays without labels", "a.npz", lambda: npz(x=np.zeros((20, 8, 8), np.uint8)), REFUSED, "holds the arrays"),
    Bad(
        "more labels than images",
        "a.npz",
        lambda: npz(x=np.zeros((20, 8, 8), np.uint8), y=np.zeros(30, int)),
        REFUSED,
        "has \\(30,\\)",
    ),
    Bad(
        "an array header that lies",
        "a.npz",
        lambda: pack(
            {
                "x.npy": b"\x93NUMPY\x01\x00\x76\x00" + LYING.ljust(117) + b"\n",
                "y.npy": b"",
            }
        ),
        REFUSED,
        "damaged",
    ),
    Bad("masks of another size", "a.zip", lambda: pack(mask_pair(squares(), (40, 40))), TOLD, "they were scaled", 12),
    Bad("masks that mark nothing", "a.zip", lambda: pack(mask_pair(Image.new("L", (32, 32)))), REFUSED, "single value"),
    Bad(
        "a mask without an image",
        "a.zip",
        lambda: pack({**mask_pair(squares()), "masks/99.png": mask_pair(squares())["masks/0.png"]}),
        TOLD,
        "without an image",
        12,
    ),
    Bad(
        "masks of 250 values",
        "a.zip",
        lambda: pack(mask_pair(Image.fromarray(np.arange(1024, dtype=np.uint16).reshape(32, 32).astype(np.uint8)))),
        REFUSED,
        "256 different values",
    ),
)


def _animated() -> bytes:
    frames = [Image.new("RGB", (40, 30), color) for color in ("red", "blue")]
    frames[0].save(buffer := io.BytesIO(), "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def _deep() -> bytes:
    Image.fromarray(np.arange(1200, dtype=np.uint16).reshape(30, 40) * 50).save(buffer := io.BytesIO(), "PNG")
    return buffer.getvalue()


ALL: tuple[Bad, ...] = (*TABLES, *JSON, *BOOKS, *IMAGES)


@dataclass(frozen=True)
class Result:
    """What came of a file: REFUSED or TOLD, all that was said, and how many examples were kept."""

    outcome: str
    told: str
    kept: int | None = None


def tried(bad: Bad, folder: Path) -> Result:
    """Look at a file and prepare it with all guesses, as an upload is, but in this process."""
    (path := folder / "upload").write_bytes(bad.data())
    (ready := folder / "ready").mkdir()
    try:
        preview = child.preview(path, bad.file_name, {})
        _, report = child.prepare(path, request(bad, preview), ready, lambda *_: None)
    except MHubError as error:
        return Result(REFUSED, f"{error.happened} {error.expected} {error.mend}".strip())
    said = [*preview.warnings, *(f"{what} {why}" for what, why in report["reasons"]), *report["warnings"]]
    return Result(TOLD, " ".join(dict.fromkeys(said)), report["accepted"])


def request(bad: Bad, preview: UploadPreview) -> dict[str, Any]:
    """Return what a person asks for who leaves all guesses as they are."""
    kind, target = require_kind(preview.kind), bad.choices.get("target", preview.guessed_target)
    has_masks = any(option.name.startswith("mask_") for option in preview.options)
    task = bad.choices.get("task") or preview.guessed_tasks.get(target) or (kind.tasks[0] if not has_masks else "segmentation")
    asked, problems = kind.check_request(target, task, {"image_size": 28})
    assert not problems, problems
    return {"kind": preview.kind, **asked}


def main() -> None:
    """Send each file to a hub of its own, through the sandbox, and print what becomes of it."""
    from db import migrate

    migrate.upgrade()
    person = factories.person("ada", is_admin=True)
    print(f"{'file':34} {'is named':12} {'state after':22} what was told")
    for bad in ALL:
        state, told = _sent(person, bad)
        print(f"{bad.what:34} {bad.file_name:12} {state:22} {told[:200]}", flush=True)
    print(f"{len(ALL)} files; {len(datasets.list_datasets(person))} datasets")


def _sent(person: User, bad: Bad) -> tuple[str, str]:
    """Send a file as a browser does, make a dataset of it, and let the worker prepare that."""
    data = bad.data()
    (path := storage.incoming() / "sent").write_bytes(data)
    receipt = uploads.seal(person.id, storage.take_file(path, person.id), bad.file_name, len(data))
    try:
        preview = datasets.inspect_upload(person, receipt)
        asked = request(bad, preview)
        chosen = {name: asked[name] for name in ("kind", "target", "task") if name in asked}
        dataset_id = datasets.create(person, receipt, bad.what, "", **chosen, image_size=28)
    except MHubError as error:
        return "no dataset", f"{error.happened} {error.mend}"
    [version] = datasets.require_dataset(person, dataset_id).versions
    worker_service.prepare(version.id)
    [version] = datasets.require_dataset(person, dataset_id).versions
    report = version.report or {}
    if version.state == "refused":
        return "refused, with reason", str(report["error"]["happened"])
    told = [*(f"{what} {why}" for what, why in report["reasons"]), *report["warnings"], *preview.warnings]
    return f"{version.state}, {report['accepted']:,} kept", " ".join(dict.fromkeys(told))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["MHUB_HOME"] = home
        main()
