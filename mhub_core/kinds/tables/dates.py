"""Dates and times as people write them, and what a model gets of them.

A date becomes the days since the first of the training rows, the year, the month, the day of the week and that of the year,
and, where there are times, the hour. What does not vary in the training rows is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from mhub_core.kinds.tables import date_words

DAY_FIRST, MONTH_FIRST = "day first", "month first"
ORDERS: tuple[tuple[str, str], ...] = ((DAY_FIRST, "03/04/2024 is the 3rd of April"), (MONTH_FIRST, "03/04/2024 is March 4"))
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_ZONE = r"Z|[+-]\d{2}:?\d{2}"
_TIME = rf"(?:[T ](?P<time>{_CLOCK}) ?(?P<half>[AaPp][Mm])? ?(?P<zone>{_ZONE})?)?"
_DAYS = (  # how it looks, how it is read, and how when its first two numbers change places
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d", None),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d", None),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d", None),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y", "%m/%d/%Y"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y", "%m-%d-%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y", None),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%y", "%m/%d/%y"),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y", None),
    (r"\d{1,2} [A-Za-z]{3,9} \d{4}", "%d %B %Y", None),
    (r"\d{1,2}-[A-Za-z]{3,9}-\d{4}", "%d-%B-%Y", None),
    (r"\d{1,2}-[A-Za-z]{3,9}-\d{2}", "%d-%B-%y", None),
    (r"[A-Za-z]{3,9} \d{1,2},? \d{4}", "%B %d %Y", None),
    (r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])", "%Y-%m", None),
    (r"(?:19|20)\d{2}/(?:0[1-9]|1[0-2])", "%Y/%m", None),
)
_COMPACT = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_NAMED = ("date", "datum", "fecha", "day")
_MANY = 20  # numbers in a row of which no two are the same, and all could be dates
_NEARLY_ALL = 0.95
_LOOSE = re.compile("^(?:" + "|".join(look for look, *_ in _DAYS) + f"){_TIME}$")
_COUNTED = {"days": "", "year": "year", "day of the year": "ordinal_day", "hour": "hour"}  # by name: the function of polars
_NAMED_PARTS = {"month": "month", "weekday": "weekday"}
ISO = "%Y-%m-%d"
SECONDS_A_DAY = 86_400.0
_LOOKED_UP = 1_000  # of fewer dates, none is looked up by its day


@dataclass(frozen=True)
class Written:
    """How the dates of a column are written. `form` as `strptime` takes it; `is_open`: its first two numbers could also change
    places; `has_times`, `has_zones`: a time of day is there, and how far it is from UTC."""

    form: str
    is_open: bool = False
    has_times: bool = False
    has_zones: bool = False


def looks_like(cell: str) -> bool:
    """Return whether a cell is a date, with or without a time."""
    return _LOOSE.match(cell) is not None


def find(texts: pl.Series, name: str, order: str | None = None) -> tuple[Written, pl.Series] | None:
    """Return how a column of text writes its dates, and the dates, null where there is none; None when it holds no dates.

    `order` is what was chosen for dates of which either of the first two numbers could be the day.
    """
    known = texts.drop_nulls()
    if known.is_empty():
        return None
    form = form_of(known, name)
    return _read(texts, *form, order) if form else None


def form_of(known: pl.Series, name: str) -> tuple[str, str | None] | None:
    """Return how cells that have a value write dates, and how when the first two numbers change places; None for no dates."""
    sample = date_words.plain(known.head(100))
    for look, form, other in _DAYS:
        if sample.str.contains(f"^(?:{look}){_TIME}$").mean() >= _NEARLY_ALL:  # type: ignore[operator]
            return form, other
    return ("%Y%m%d", None) if are_compact(sample, name) else None


def have_zones(texts: pl.Series) -> bool:
    """Return whether some cell says how far its time is from UTC."""
    return bool(date_words.plain(texts).str.contains(rf":.*(?:{_ZONE})$").any())


def are_compact(texts: pl.Series, name: str) -> bool:
    """Return whether whole numbers are dates such as 20240531: in a column whose name says so, or where many are."""
    known = texts.drop_nulls()
    is_likely = any(word in name.lower() for word in _NAMED) or known.head(_MANY).n_unique() == _MANY
    return is_likely and bool(known.str.contains(f"^{_COMPACT}$").all())


def _read(texts: pl.Series, form: str, other: str | None, order: str | None) -> tuple[Written, pl.Series] | None:
    has_times = bool(texts.str.contains(":", literal=True).any())
    zones = has_times and have_zones(texts)
    first = parse(texts, Written(form, False, has_times, zones))
    second = parse(texts, Written(other, False, has_times, zones)) if other else None
    is_open, chosen, dates = False, form, first
    if second is not None and other:
        missed_first, missed_second = first.null_count(), second.null_count()
        is_open = missed_first == missed_second
        takes_second = missed_second < missed_first or (is_open and order == MONTH_FIRST)
        chosen, dates = (other, second) if takes_second else (form, first)
    known = len(texts) - texts.null_count()
    if len(dates) - dates.null_count() < known * _NEARLY_ALL:
        return None
    return Written(chosen, is_open, has_times, zones), dates


def parse(texts: pl.Series, written: Written) -> pl.Series:
    """Return the dates of text cells as datetimes without a zone (of UTC where one is given), null where there is none."""
    texts = date_words.plain(texts)
    plain = texts.str.replace(",", "", literal=True) if "%B %d" in written.form else texts
    if not written.has_times:
        return _moments(plain, written.form)
    groups = plain.str.extract_groups(rf"^(?P<day>.*?){_TIME}$").struct.unnest()
    days = _moments(groups["day"], written.form)
    clock = groups["time"].str.split_exact(":", 2).struct.unnest()
    hours, minutes, seconds = (clock[name].cast(pl.Float64, strict=False).fill_null(0.0) for name in clock.columns)
    half = groups["half"].str.to_lowercase().fill_null("")
    hours = hours + 12.0 * ((half == "pm") & (hours < 12)) - 12.0 * ((half == "am") & (hours == 12))
    after = hours * 3600 + minutes * 60 + seconds - 60 * _minutes_east(groups["zone"])
    return days + (after * 1e6).cast(pl.Int64).cast(pl.Duration("us"))


def _moments(texts: pl.Series, form: str) -> pl.Series:
    return texts.str.to_datetime(form, strict=False, time_unit="us", cache=False)  # to look each one up takes twice as long


def _minutes_east(zones: pl.Series) -> pl.Series:
    found = zones.str.extract_groups(r"(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})").struct.unnest()
    minutes = (found["hours"].cast(pl.Float64) * 60 + found["minutes"].cast(pl.Float64)).fill_null(0.0)
    return minutes * (1.0 - 2.0 * (found["sign"] == "-").fill_null(False).cast(pl.Float64))


def days_of(dates: pl.Series) -> pl.Series:
    """Return dates as days since 1970, float64."""
    return dates.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) / (SECONDS_A_DAY * 1e6)


def from_days(days: np.ndarray) -> pl.Series:
    """Return days since 1970, NaN for none, as datetimes."""
    return pl.Series((days * SECONDS_A_DAY * 1e6).round()).fill_nan(None).cast(pl.Int64).cast(pl.Datetime("us"))


def parts_of_days(days: np.ndarray) -> dict[str, np.ndarray | pl.Series]:
    """Return what a model may get of dates, given as days since 1970 (NaN for none): numbers as an array, and categories as a
    column of text, by the name of the part."""
    moments = from_days(days)
    return {name: _part(name, days, moments) for name in (*_COUNTED, *_NAMED_PARTS)}


def _part(name: str, days: np.ndarray, moments: pl.Series) -> np.ndarray | pl.Series:
    if name == "days":
        return days
    values: pl.Series = getattr(moments.dt, (_COUNTED | _NAMED_PARTS)[name])()
    if name in _NAMED_PARTS:
        return values.cast(pl.String)
    return values.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def by_day(days: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return every day from the first to the last, and which of them each date is, int32 `(rows,)`, -1 for none.

    None where some have a time, or where there are hardly more rows than days. `days` since 1970, NaN for no date.
    """
    if len(days) < _LOOKED_UP:
        return None
    missing = np.isnan(days)
    low, high = (float(of(days, where=~missing, initial=end)) for of, end in ((np.min, np.inf), (np.max, -np.inf)))
    if not 0 <= high - low < len(days) // 2 or bool((np.floor(days) != days)[~missing].any()):
        return None
    return np.arange(low, high + 1), np.where(missing, -1, days - low).astype(np.int32)


def measured(dates: pl.Series) -> tuple[dict[str, Any], ...]:
    """Return the parts of the dates of training rows that vary, as the encoder has them."""
    found: list[dict[str, Any]] = []
    days = days_of(dates.drop_nulls()).to_numpy()
    every, places = by_day(days) or (days, None)
    moments = from_days(every)
    for name in _COUNTED:  # one after the other, for the memory that they take
        values = np.asarray(_part(name, every, moments))
        values = values if places is None else values[places]
        if values.size and values.min() < values.max():
            found.append({"name": name, "kind": "number", "mean": float(values.mean()), "std": float(values.std())})
    there = moments if places is None else moments.filter(pl.Series(np.bincount(places) > 0))
    for name, function in _NAMED_PARTS.items():
        distinct = getattr(there.dt, function)().unique().sort()
        if len(distinct) > 1:
            found.append({"name": name, "kind": "category", "categories": distinct.cast(pl.String).to_list()})
    return tuple(found)


def in_words(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with its dates as text in ISO form, without the time where no row of a column has one."""
    columns = []
    for values in frame.get_columns():
        if values.dtype.is_temporal():
            days = bool((values.dt.truncate("1d") == values).all())
            columns.append(values.dt.strftime(ISO if days else f"{ISO} %H:%M:%S"))
        else:
            columns.append(values)
    return pl.DataFrame(columns)


def shown(day: float) -> str:
    """Return days since 1970 as a date in ISO form, with the time where it is not midnight."""
    moment = datetime(1970, 1, 1) + timedelta(days=day)
    return moment.date().isoformat() if (moment.hour, moment.minute) == (0, 0) else moment.isoformat(" ", "minutes")
