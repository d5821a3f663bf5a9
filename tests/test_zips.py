"""A zip that was made to harm is refused in a sentence before anything is unpacked."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from mhub_core import zips
from mhub_core.errors import Invalid, MHubError, TooLarge

LIMITS = zips.Limits(max_members=5, max_table_bytes=1_000, expected="At most 5 files.")


def pack(*names: str, data: bytes = b"x", packing: int = zipfile.ZIP_DEFLATED, mode: int = 0o644) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name in names:
            info = zipfile.ZipInfo("name")
            info.filename, info.compress_type, info.external_attr = name, packing, mode << 16
            archive.writestr(info, data)
    return file.getvalue()


def encrypted() -> bytes:
    data = bytearray(pack("a"))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_a_good_zip_is_read_from_a_file_and_from_bytes(tmp_path):
    data = pack("a/b.txt", "c.txt", data=b"hello")
    (tmp_path / "x.zip").write_bytes(data)

    for source in (data, tmp_path / "x.zip"):
        with zips.opened(source, LIMITS) as archive:
            assert [zips.read(archive, info, 5) for info in archive.infolist()] == [b"hello", b"hello"]


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", Invalid, "not a zip"),
        (b"PK\x03\x04" + bytes(50), Invalid, "not a zip"),
        (pack("a", "b")[:-30], Invalid, "not a zip"),
        (pack(*"abcdef"), TooLarge, "contains 6 files. At most 5 files."),
        (pack("a" * 900, "b" * 900), TooLarge, "list of files takes"),
        (pack("/etc/passwd"), Invalid, "absolute name"),
        (pack("\\\\host\\x"), Invalid, "absolute name"),
        (pack("c:x"), Invalid, "absolute name"),
        (pack("a/../../x"), Invalid, "points outside it"),
        (pack("a\\..\\x"), Invalid, "points outside it"),
        (pack("../"), Invalid, "points outside it"),
        (pack("cat\\1.png", "a\0b"), Invalid, "read differently"),
        (pack("a", mode=stat.S_IFLNK | 0o777), Invalid, "a link"),
        (encrypted(), Invalid, "encrypted"),
        (pack("a", packing=zipfile.ZIP_LZMA), Invalid, "compression method"),
        (pack("a", data=bytes(60_000_000)), TooLarge, "would take 60 MB"),
    ],
)
def test_a_hostile_zip_is_refused_in_a_sentence(data, kind, words):
    with pytest.raises(kind) as refused, zips.opened(data, LIMITS):
        pass

    assert words in str(refused.value)
    assert isinstance(refused.value, MHubError) and refused.value.expected and refused.value.mend


def with_table(path: Path, num_bytes: int, zip64: bool) -> Path:
    """A zip that is nothing but a list of files of that size; on the disk it takes next to nothing."""
    size, records = min(num_bytes, 0xFFFFFFFF if zip64 else num_bytes), b""
    if zip64:
        records = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, num_bytes, 0)
        records += struct.pack("<4sLQL", b"PK\x06\x07", 0, num_bytes, 1)
        size = 0xFFFFFFFF
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0)
    with path.open("wb") as file:
        file.write(b"PK\x01\x02")
        file.seek(num_bytes)
        file.write(records + end)
    return path


@pytest.mark.parametrize("zip64", [False, True])
@pytest.mark.parametrize("num_bytes", [460_000_000, 3_000])
def test_a_long_list_of_files_is_refused_before_any_of_it_is_read(tmp_path, monkeypatch, zip64, num_bytes):
    path = with_table(tmp_path / "x.zip", num_bytes, zip64)
    monkeypatch.setattr(zips, "_count_entries", None)  # neither counted nor read
    monkeypatch.setattr(zipfile, "ZipFile", None)

    with pytest.raises(TooLarge, match=r"list of files takes .* At most 5 files"), zips.opened(path, LIMITS):
        pass


def test_entries_are_counted_whatever_the_records_say(monkeypatch):
    data = pack(*"abcdef")
    end = data.rfind(b"PK\x05\x06")
    told = struct.pack("<2H", 1, 1)
    monkeypatch.setattr(zipfile, "ZipFile", None)

    with pytest.raises(TooLarge, match="contains 6 files"), zips.opened(data[: end + 8] + told + data[end + 12 :], LIMITS):
        pass


def test_a_zip_behind_other_bytes_and_before_a_comment_is_read_like_any(tmp_path):
    data = bytearray(b"#!/bin/sh\n" + pack("a", "b"))
    data[-2:] = struct.pack("<H", 5)

    with zips.opened(bytes(data + b"hello"), LIMITS) as archive:
        assert archive.namelist() == ["a", "b"]


def test_a_zip_may_not_unpack_to_more_than_uploads_allow(monkeypatch):
    monkeypatch.setenv("MHUB_MAX_UPLOAD_MB", "1")

    with pytest.raises(TooLarge, match="At most 4 MB"), zips.opened(pack("a", data=bytes(5_000_000)), LIMITS):
        pass


def test_a_member_that_is_large_or_lies_or_is_damaged_is_refused():
    large, zeros = pack("a", data=b"abcdef"), pack("a", data=bytes(9_999))
    lying = zeros.replace(struct.pack("<I", 9_999), struct.pack("<I", 10))
    broken = large.replace(zipfile.ZipFile(io.BytesIO(large)).infolist()[0].CRC.to_bytes(4, "little"), b"\1\2\3\4")

    for data, words in ((large, "larger than"), (lying, "damaged"), (broken, "damaged")):
        with zips.opened(data, LIMITS) as archive, pytest.raises(Invalid, match=words):
            zips.read(archive, archive.infolist()[0], 5 if data is large else 1_000)


def test_what_goes_wrong_while_a_zip_is_in_use_is_not_told_as_damage():
    with pytest.raises(OSError, match="disk is full"), zips.opened(pack("a.txt"), LIMITS):
        raise OSError("the disk is full")
