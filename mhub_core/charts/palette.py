"""The colours that all charts share. On white each reaches 3:1 as a mark, and INK, BLUE, ORANGE and GREEN 4.5:1 as text."""

from __future__ import annotations

INK = "#000000"
PAPER = "#ffffff"
GRID = "#dfdfdf"
GRAY = "#767676"
LIGHT_BLUE = "#3a8fd0"
BLUE = "#0b5cad"
ORANGE = "#b84a00"
GREEN = "#1b6e3c"
# From nothing to everything: the steps of a heat map. White text reads on the last, black on the first.
HEAT = ("#ffffff", "#cfe6f8", "#8ec5f2", "#3a8fd0", "#0b5cad")
# The two curves that stand in every training chart.
CURVES = {"training": BLUE, "validation": ORANGE}
# Runs beside each other, those that stand next to each other far apart in hue. With more runs they begin again.
RUNS = (BLUE, ORANGE, GREEN, "#8b2fc9", "#c2185b", "#00798c", "#7a5c00", "#3f3f9e", "#a8201a", "#4d6b00")


def luminance(color: str) -> float:
    """Return the relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, "relative luminance")."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
