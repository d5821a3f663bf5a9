"""Drop texts that say too little, or too much."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import TEXT, Columns, Field
from mhub_core.recipes.step import Params, Step, number

_ALONE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"  # scripts that set no blanks between words
_WORD = rf"[{_ALONE}]|[\p{{L}}\p{{M}}\p{{N}}&&[^{_ALONE}]]+"


class DropShort(Step):
    """Keep the texts that have so many words."""

    name, title = "drop_short", "Drop short or long texts"
    help = "Predictions are still made for such texts."
    fields = (
        Field("column", "Text", "column", of=TEXT),
        Field("least", "Words at least", "number", 3.0, optional=True),
        Field("most", "Words at most", "number", optional=True),
    )
    changes_rows = True

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """One bound at least, the lower one not above the other."""
        least, most = params.get("least"), params.get("most")
        if least is None and most is None:
            return {"least": "give a lower or an upper bound"}
        if least is not None and most is not None and least > most:
            return {"most": "must not be below the other number"}
        return {}

    def keep(self, frame: pl.DataFrame, params: Params, train: pl.Series) -> pl.Series:
        """Count runs of letters and digits; characters of scripts without blanks count by themselves."""
        words = frame[params["column"]].str.count_matches(_WORD).fill_null(0)
        low, high = params["least"] or 0, params["most"]
        kept: pl.Series = words >= low
        return kept if high is None else kept & (words <= high)

    def words(self, params: Params) -> str:
        """Say the bounds."""
        bounds = (("fewer", params["least"]), ("more", params["most"]))
        told = [f"{side} than {number(bound)}" for side, bound in bounds if bound is not None]
        return f"Drop texts of {' or '.join(told)} words"
