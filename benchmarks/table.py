"""The figures as a table, and as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measuring import Row

_HEADINGS = (
    "what",
    "figure",
    "yardstick",
    "figure",
    "ratio",
    "spread",
    "budget",
    "verdict",
    "load",
)


def print_table(rows: Sequence[Row]) -> None:
    """Print the rows, one a line."""
    cells = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(_HEADINGS))]
    for line in cells:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
    for row in rows:
        if row.note:
            print(f"{row.part}, {row.what}: {row.note}")


def _cells(row: Row) -> tuple[str, ...]:
    """Return a row as text: the median figures, and the smallest and largest ratio of the rounds."""
    if row.ratio is None:
        return (row.what, "", row.yardstick, "", "", "", _budget(row), row.verdict, "")
    loads = [pair.load for pair in row.pairs]
    others = max(pair.others for pair in row.pairs)
    return (
        row.what,
        f"{_figure(row.median('candidate'))} {row.unit}",
        row.yardstick,
        f"{_figure(row.median('yardstick'))} {row.unit}",
        f"{row.ratio:.3g}",
        f"{row.ratios[0]:.3g}–{row.ratios[-1]:.3g}",
        _budget(row),
        row.verdict,
        f"{max(loads):.1f}, others ≤ {others:.0%}",
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _budget(row: Row) -> str:
    if row.limit is None:
        return ""
    return f"{'≥' if row.is_rate else '≤'} {row.limit:g}"


def write_json(rows: Sequence[Row], about: dict[str, Any], path: Path) -> None:
    """Write everything that was measured, round by round."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {**about, "rows": [row.as_dict() for row in rows]}
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
