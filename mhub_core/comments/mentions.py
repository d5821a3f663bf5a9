"""Who is mentioned in a comment: `@Ada Lovelace`, of the people who are there to be mentioned."""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_MENTIONS = 20


def mentioned(text: str, people: Mapping[int, str]) -> list[int]:
    """Return the ids of those people whose names follow an @, in the order of the text; of several of one name all.

    The longest name that fits counts: `@Ada Lovelace` is not Ada. At most `MAX_MENTIONS`.
    """
    names = sorted({name for name in people.values() if name}, key=len, reverse=True)
    if not names:
        return []
    pattern = re.compile(rf"(?<!\w)@({'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)
    found = dict.fromkeys(match[1].casefold() for match in pattern.finditer(text))
    ids = [person_id for name in found for person_id, known in people.items() if known.casefold() == name]
    return ids[:MAX_MENTIONS]
