"""The uploader: a file or folder goes from the browser to disk through `/api/upload`; the page gets a receipt."""

from __future__ import annotations

import streamlit as st

from mhub_core import settings

_STATIC = settings.ROOT / "static"
_HTML = """
<div data-part="zone">
  <p data-part="hint"></p>
  <div data-part="choose">
    <button type="button" data-part="file-button">Choose a file</button>
    <button type="button" data-part="folder-button">Choose a folder</button>
  </div>
  <div data-part="running" hidden>
    <progress data-part="bar" max="1" value="0" aria-label="Sent so far"></progress>
    <button type="button" data-part="cancel">Cancel</button>
  </div>
  <p data-part="words" role="status"></p>
  <input type="file" data-part="file" aria-label="File" hidden>
  <input type="file" data-part="folder" aria-label="Folder" webkitdirectory hidden>
</div>
"""


def uploader(key: str, folder: bool = False, hint: str = "Drop a file here, or", accept: str = "") -> str | None:
    """Draw the uploader and return the receipt of what was sent, for `datasets.service.inspect_upload`.

    None: nothing yet.
    """
    draw = st.components.v2.component(
        "mhub_upload", html=_HTML, css=(_STATIC / "upload.css").read_text(), js=(_STATIC / "upload.js").read_text()
    )
    data = {"folder": folder, "hint": hint, "accept": accept, "max_megabytes": settings.number("MHUB_MAX_UPLOAD_MB")}
    value = draw(key=key, data=data, default={"upload": None}, on_upload_change=lambda: None).upload
    receipt = value.get("upload") if isinstance(value, dict) else None
    return receipt if isinstance(receipt, str) else None
