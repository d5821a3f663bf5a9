"""The first of a month and other days as they are written in words."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from mhub_core.kinds.tables import dates


@pytest.mark.parametrize("first", ["1er janvier 2022", "samedi 1er janvier 2022", "1º de enero de 2022", "1ª gennaio 2022"])
def test_the_first_of_a_month_is_a_day_like_the_others(first):
    found = dates.find(pl.Series([first, first.replace("1er", "2").replace("1º", "2").replace("1ª", "2")] * 5), "when")

    assert found and found[1].to_list() == [datetime(2022, 1, 1), datetime(2022, 1, 2)] * 5
