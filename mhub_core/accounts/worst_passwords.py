"""Which passwords are among the first that anybody would try: a word of every list, a run of keys, and what people add to them.

A short list and a few rules instead of a package: eight characters are asked for anyway, and guessing is throttled.
"""

from __future__ import annotations

import re

# Of the lists of the most frequent leaked passwords, the words in them; English and German, as both are.
_WORDS = """
    password passwort passwd passw pass word kennwort letmein welcome willkommen admin administrator root user guest gast login
    test tester testing demo default changeme change secret geheim access master iloveyou lovely love you baby babygirl honey
    hello hallo world welt sunshine princess prinzessin flower butterfly angel schatz liebe monkey dragon tiger eagle lion
    football baseball basketball soccer fussball hockey superman batman spiderman pokemon starwars naruto shadow ninja killer
    hunter ranger trustno whatever freedom summer sommer winter spring autumn herbst january monday michael jordan daniel thomas
    andrew charlie ashley jessica jennifer michelle nicole computer internet server system google facebook samsung mustang
    ferrari porsche mercedes yankees cheese cookie banana chocolate coffee pepper ginger orange purple hannover berlin london
    school schule student teacher class klasse mhub hub keras tensorflow python
""".split()
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc",
)
_MIN_RUN = 3
_DIGITS_ONLY = 12  # fewer are a date or a telephone number
_FEW = 3  # different characters
_LEET = str.maketrans("@401!3$57+", "aaoiiesstt")
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))


def is_easy(password: str) -> bool:
    """Tell whether a password is nothing but well-known words, runs and repetitions, with a little around them."""
    plain = password.lower()
    if len(set(plain)) <= _FEW or (plain.isdigit() and len(plain) < _DIGITS_ONLY):
        return True
    if _unit(plain) != plain:
        return True
    return any(_little_is_left(_without_runs(_WORD.sub(" ", text))) for text in (plain, plain.translate(_LEET)))


def _little_is_left(rest: str) -> bool:
    """Tell whether at most one letter, and a year and a mark as people add them, stand beside what is known."""
    letters, others = sum(map(str.isalpha, rest)), sum(not one.isalpha() and one != " " for one in rest)
    return letters <= 1 and others <= 5


def _unit(text: str) -> str:
    """Return what a text repeats: `abab` is made of `ab`; a text that repeats nothing is itself."""
    return text[: (text + text).find(text, 1)]


def _without_runs(text: str) -> str:
    """Return a text without runs of neighbours in the alphabet, among the digits or on a keyboard, forwards or backwards."""
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        for length in range(len(run), _MIN_RUN - 1, -1):
            for start in range(len(run) - length + 1):
                text = text.replace(run[start : start + length], " ")
    return text
