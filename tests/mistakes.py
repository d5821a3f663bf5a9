"""How many of the seeded mistakes build after the first repair that the doctor offers: `python -m tests.mistakes [file]`.

The file holds a list of `{"kind", "graph"}`; `python -m tests.graphs.make_mistakes` draws more of them. Prints every mistake that
is not mended, how long the answers took, and with `-v` what was offered.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from mhub_core.graphs.engine.facts import facts
from mhub_core.graphs.engine.repairs import repairs

PATH = Path(__file__).with_name("graphs") / "mistakes.json"
MOST_PARAMETERS = 50_000_000


def builds(graph: dict[str, Any]) -> bool:
    """Tell whether nothing is at fault in a design."""
    found = facts(graph, MOST_PARAMETERS)
    return not found["problems"] and all("output_shape" in fact for fact in found["nodes"].values())


def main(arguments: list[str]) -> None:
    """Mend all mistakes and print what came of it."""
    paths = [argument for argument in arguments if argument != "-v"]
    mistakes = json.loads(Path(paths[0] if paths else PATH).read_text(encoding="utf-8"))
    seconds, mended, sound = [], 0, []
    for number, mistake in enumerate(mistakes):
        sound += [number] * builds(mistake["graph"])
        start = time.perf_counter()
        offered = repairs(mistake["graph"], MOST_PARAMETERS)
        seconds.append(time.perf_counter() - start)
        is_mended = bool(offered) and builds(offered[0]["graph"])
        mended += is_mended
        if not is_mended or "-v" in arguments:
            print(f"{'mended ' if is_mended else 'NOT mended'} {number} {mistake['kind']} ({seconds[-1]:.2f} s)")
            print("".join(f"    {repair['words']}\n" for repair in offered), end="")
    kinds = len({mistake["kind"] for mistake in mistakes})
    print(f"{mended} of {len(mistakes)} mistakes of {kinds} kinds build after the first repair; {len(sound)} were none: {sound}")
    print(f"An answer took {sorted(seconds)[len(seconds) // 2]:.2f} s in the median and {max(seconds):.2f} s at most.")


if __name__ == "__main__":
    main(sys.argv[1:])
