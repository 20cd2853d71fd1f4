"""What the benchmark prints: two figures of one run, their ratio and its target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Say = Callable[[str], None]

SEED = 20240607
"""Of every sample that the benchmark draws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One line of the benchmark.

    Attributes:
        name: What was measured.
        value: The figure in question.
        unit: Unit of both figures.
        target: Bound of the ratio, or of the figure itself where there is nothing to divide by.
        base: What the figure is divided by; None if it stands alone.
        least: Whether the target is a lower bound; else it is an upper one.
        note: What else the reader should know.
    """

    name: str
    value: float
    unit: str
    target: float
    base: float | None = None
    least: bool = False
    note: str = ""

    @property
    def ratio(self) -> float:
        """The value divided by its base, or the value itself."""
        return self.value if self.base is None else self.value / self.base

    @property
    def met(self) -> bool:
        """Whether the ratio keeps to its target."""
        return self.ratio >= self.target if self.least else self.ratio <= self.target

    def as_dict(self) -> dict[str, Any]:
        """Return the line as plain data."""
        names = ("name", "value", "base", "unit", "ratio", "target", "least", "met", "note")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        """Return the line as it is printed."""
        figures = f"{self.value:10.3f} {self.unit:<9}"
        figures += " " * 23 if self.base is None else f" ÷ {self.base:10.3f} = {self.ratio:7.3f}"
        bound = f"{'≥' if self.least else '≤'} {self.target:g}"
        return f"{self.name:<44} {figures}  {bound:<8} {'met' if self.met else 'MISSED':<6} {self.note}".rstrip()


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` (0 to 1) of the values lie, interpolated."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
