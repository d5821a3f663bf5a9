"""What the pairs of `tests/pins.py` become does not change with the code around them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import pins


@pytest.mark.slow
@pytest.mark.parametrize("pair", pins.PAIRS, ids=pins.name_of)
def test_a_pair_of_model_and_data_becomes_what_it_became_before(pair: tuple[str, str, dict[str, Any]], hub_home: Path) -> None:
    pinned = json.loads(pins.FILE.read_text())[pins.name_of(pair)]
    now = pins.carry_out(pair)
    assert [now[what] for what in ("adaptations", "parameters", "said")] == [
        pinned[what] for what in ("adaptations", "parameters", "said")
    ]
    assert now["norm"] == pytest.approx(pinned["norm"], rel=1e-3)
    assert now["result"].keys() == pinned["result"].keys()
    assert now["result"]["scores"] == pytest.approx(pinned["result"]["scores"], rel=0.02, abs=0.02)
    for values, before in zip(now["epochs"], pinned["epochs"], strict=True):
        assert values == pytest.approx(before, rel=0.02, abs=0.02)
