"""Text that means the same becomes the same."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import TEXT, Field
from mhub_core.recipes.step import Params, State, Step, listed

_WAYS = {
    "trim": "Cut blanks off at both ends",
    "blanks": "One blank for several",
    "unicode": "One Unicode form (NFKC): ½ becomes 1⁄2, ﬁ becomes fi",
    "accents": "Strip accents: é becomes e",
    "html": "Take out HTML tags: <b>yes</b> becomes yes, &amp; becomes &",
    "addresses": "Take out web and email addresses",
}
_TAG = r"</?[a-zA-Z][^<>]{0,200}>"
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#039;": "'", "&apos;": "'", "&nbsp;": " ", "&amp;": "&"}
_ADDRESS = r"(?i)\b(?:https?://|www\.)[^\s<>]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_SHORT = {
    "trim": "trimmed",
    "blanks": "single blanks",
    "unicode": "one Unicode form",
    "accents": "no accents",
    "html": "no HTML",
    "addresses": "no addresses",
}
_CASES = {"keep": "As it is", "lower": "lower case", "upper": "UPPER CASE", "title": "Title Case"}


class CleanText(Step):
    """Take away differences between texts that stand for the same."""

    name, title = "clean_text", "Clean text"
    help = "Text that means the same becomes the same: “ Berlin”, “BERLIN” and “Berlin”. What becomes empty is missing."
    fields = (
        Field("columns", "Columns", "columns", of=TEXT),
        Field("ways", "Change", "choices", ("trim", "blanks", "unicode"), tuple(_WAYS.items()), optional=True),
        Field("case", "Case", "choice", "keep", tuple(_CASES.items())),
        Field("remove", "Remove this text wherever it stands", "text", optional=True),
    )

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Clean."""
        cleaned = frame.with_columns(_cleaned(pl.col(name), params) for name in params["columns"])
        return cleaned.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in params["columns"])

    def words(self, params: Params) -> str:
        """Say how."""
        case = [] if params["case"] == "keep" else [_CASES[params["case"]]]
        removed = [f"without “{params['remove']}”"] if params.get("remove") else []
        return f"Clean {listed(params['columns'])}: {', '.join([*(_SHORT[way] for way in params['ways']), *case, *removed])}"


def _cleaned(text: pl.Expr, params: Params) -> pl.Expr:
    ways = params["ways"]
    if "html" in ways:
        text = text.str.replace_all(_TAG, " ").str.replace_many(list(_ENTITIES), list(_ENTITIES.values()))
    if "addresses" in ways:
        text = text.str.replace_all(_ADDRESS, " ")
    if "unicode" in ways:
        text = text.str.normalize("NFKC")
    if "accents" in ways:
        text = text.str.normalize("NFD").str.replace_all(r"\p{M}", "").str.normalize("NFC")
    if params["case"] != "keep":
        text = getattr(text.str, f"to_{params['case']}case")() if params["case"] != "title" else text.str.to_titlecase()
    if params.get("remove"):
        text = text.str.replace_all(params["remove"], "", literal=True)
    if "blanks" in ways:
        text = text.str.replace_all(r"\s+", " ")
    return text.str.strip_chars() if "trim" in ways else text
