"""Workbooks as spreadsheet programs write them, and as they never would: made from the XML of their sheets."""

from __future__ import annotations

import io
import zipfile

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_STYLES = f'<styleSheet xmlns="{_SHEETS}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
DAY = "day"  # before a number: a cell that a spreadsheet shows as a date


def workbook(**sheets: str) -> bytes:
    """Return an .xlsx of sheets, each by its name the XML of its rows."""
    numbered = list(enumerate(sheets.items(), start=1))
    named = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, (name, _) in numbered)
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered
    )
    links += f'<Relationship Id="styles" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS.format(f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _RELS.format(links),
        "xl/styles.xml": _STYLES,
    }
    for n, (_, written) in numbered:
        start = "" if written.startswith("<!") else f'<worksheet xmlns="{_SHEETS}"><sheetData>'
        end = "" if "</sheetData>" in written else "</sheetData>"
        parts[f"xl/worksheets/sheet{n}.xml"] = f"{start}{written}{end}</worksheet>"
    return zipped(parts)


def rows(*lines: list[object], first: int = 1, column: int = 1) -> str:
    """Return the XML of rows. None is an empty cell, `#` before a text an error, `day` before a number a date."""
    return "".join(
        f'<row r="{n}">{"".join(_cell(f"{_letters(place)}{n}", value) for place, value in enumerate(line, start=column))}</row>'
        for n, line in enumerate(lines, start=first)
    )


def merged(*areas: str) -> str:
    """Return the XML behind the rows of a sheet that says which areas are merged, such as `A2:A9`."""
    told = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    return f'</sheetData><mergeCells count="{len(areas)}">{told}</mergeCells>'


def _cell(place: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    if str(value).startswith("#"):
        return f'<c r="{place}" t="e"><v>{value}</v></c>'
    if str(value).startswith(DAY) and str(value)[3:].isdigit():
        return f'<c r="{place}" s="1"><v>{str(value)[3:]}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def _letters(number: int) -> str:
    return (_letters((number - 1) // 26) if number > 26 else "") + chr(65 + (number - 1) % 26)


def open_document(written: str) -> bytes:
    """Return an .ods of the XML of its tables."""
    names = " ".join(f'xmlns:{part}="urn:oasis:names:tc:opendocument:xmlns:{part}:1.0"' for part in ("office", "table", "text"))
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    content = f"<office:document-content {names}><office:body><office:spreadsheet>{written}"
    return zipped(
        {
            "mimetype": kind,
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry '
            f'm:full-path="/" m:media-type="{kind}"/></m:manifest>',
            "content.xml": content + "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """Return a zip of parts by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()
