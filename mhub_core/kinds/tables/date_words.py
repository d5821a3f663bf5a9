"""Dates in words of several languages, and other ways that no form of `strptime` reads, brought into one that it does."""

from __future__ import annotations

import polars as pl

# Of each month the beginnings by which English, German, French, Spanish, Italian, Dutch and Portuguese write it.
_MONTHS = {
    "January": "jan|jän|janv|ene|gen",
    "February": "feb|fév|fev",
    "March": "mar|mär|maer|mrz|maa|mrt",
    "April": "apr|avr|abr",
    "May": "may|mai|mag|mei",
    "June": "jun|juin|giu",
    "July": "jul|juil|lug",
    "August": "aug|aoû|aou|ago",
    "September": "sep|set",
    "October": "oct|okt|ott|out",
    "November": "nov",
    "December": "dec|dez|déc|dic",
}
_DAYS_OF_WEEK = (
    "mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|mié|mie|jeu|jue|ven|vie|sam|sáb|sab|dim|dom|gio|seg|ter|qua|qui|sex|"
    "ma|wo|vr|za|zo|[a-zà-ž]+day|[a-zà-ž]+tag|mittwoch|sonnabend|[a-zà-ž]+di|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|"
    "domingo|domenica|[a-zà-ž]+dì|[a-z]+dag|[a-zç]+-feira"
)
_ORDINAL = r"(?:\.|st|nd|rd|th|er|re|º|ª)?"  # of the first of a month in French, and of all days in Spanish
_WEEKDAY = rf"(?i)^(?:{_DAYS_OF_WEEK})\.?,?\s+(\d{{1,2}}{_ORDINAL}[ -](?:de |of )?\p{{L}}|\p{{L}}{{3,10}}\.? \d)"
_CHANGES = (
    (r"^(\d{4})年(\d{1,2})月(\d{1,2})日", "$1-$2-$3"),
    (_WEEKDAY, "$1"),
    (rf"^(\d{{1,2}}){_ORDINAL} (?:de |of )?(\p{{L}}{{3,10}})\.?(?: de)? (\d{{4}})", "$1 $2 $3"),
    (r" at (\d)", " $1"),
    (r"(?i)(:\d{2}(?:\.\d+)?) ?(?:utc|gmt)$", "${1}Z"),
    (r"(:\d{2}(?:\.\d+)? ?[+-]\d{2})$", "$1:00"),
    (r"^(0[1-9]|1[0-2])[/.](19\d{2}|20\d{2})$", "$2-$1"),
)
_MAY_NEED = r"\p{L}{2}|年|:.*[+-]\d{2}$|^\d{2}[/.]\d{4}$"
_MONTH_ALONE = rf"^({'|'.join(_MONTHS)}) (\d{{4}})$"


def plain(texts: pl.Series) -> pl.Series:
    """Return dates in words as `5 January 2024`, with UTC as Z; what is no such date stays as it is."""
    if not texts.str.contains(_MAY_NEED).any():
        return texts
    for pattern, change in _CHANGES:
        texts = texts.str.replace(pattern, change)
    for month, beginnings in _MONTHS.items():
        texts = texts.str.replace(rf"(?i)^(\d{{1,2}}[ -])?(?:{beginnings})\p{{L}}*\.?([ -]\d)", f"${{1}}{month}$2")
    return texts.str.replace(_MONTH_ALONE, "1 $1 $2")
