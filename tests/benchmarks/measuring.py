"""Medians of calls that take turns, and the lines that say what came out."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tests.benchmarks.databases import FULL, SMALL, use

MOST_TURNS, FEWEST_TURNS = 100, 12
SECONDS = 3  # for each question on each platform, while there are fewer turns than the most
CALLS_IN_A_TURN, MILLISECONDS_OF_A_TURN = 20, 15

# What is asked again and again, or what loads that once on the platform that is in use.
Ask = Callable[[], object]
Question = Callable[[], Ask]
Key = TypeVar("Key", bound=Hashable)
_short: list[str] = []


@dataclass(frozen=True)
class Times:
    """Median milliseconds of each question on both platforms."""

    small: Mapping[str, float]
    full: Mapping[str, float]

    def growth(self, name: str) -> float:
        return self.full[name] / self.small[name]

    def ratio(self, name: str, other: str) -> float:
        """Return how much longer `name` takes than `other` on the full platform."""
        return self.full[name] / self.full[other]


def compare(questions: Mapping[str, Question]) -> Times:
    """Time every question on both platforms."""
    asks: dict[tuple[str, str], Ask] = {}
    for database in (SMALL, FULL):
        use(database)
        for name, question in questions.items():
            asks[database, name] = _on(database, question())
    medians = medians_ms(asks)
    small, full = (
        {name: medians[database, name] for name in questions} for database in (SMALL, FULL)
    )
    return Times(small, full)


def medians_ms(asks: Mapping[Key, Ask]) -> dict[Key, float]:
    """Return the median milliseconds of each, asked in many short turns.

    So whatever else this machine does meanwhile slows all of them alike.
    """
    samples: dict[Key, list[float]] = {key: [] for key in asks}
    end = time.monotonic() + SECONDS * len(asks)
    for turn in range(MOST_TURNS):
        if turn >= FEWEST_TURNS and time.monotonic() > end:
            break
        for key, ask in asks.items():
            samples[key].append(_turn(ask))
    return {key: statistics.median(sample) for key, sample in samples.items()}


def _turn(ask: Ask) -> float:
    """Ask some times in a row, the first time only to warm up; return the median."""
    ask()
    calls: list[float] = []
    gc.disable()
    while len(calls) < CALLS_IN_A_TURN and sum(calls) < MILLISECONDS_OF_A_TURN:
        start = time.perf_counter()
        ask()
        calls.append((time.perf_counter() - start) * 1000)
    gc.enable()
    return statistics.median(calls)


def _on(database: str, ask: Ask) -> Ask:
    def asked() -> object:
        use(database)
        return ask()

    return asked


def report(name: str, value: float, target: float, *, at_least: bool = False) -> None:
    """Print a figure and whether it reaches its target."""
    good = value >= target if at_least else value <= target
    if not good:
        _short.append(name)
    sign = "≥" if at_least else "≤"
    print(f"BENCH {name} {value:.3g} {sign}{target:g} {'ok' if good else 'short'}", flush=True)


def note(name: str, value: float, unit: str) -> None:
    """Print what nobody judges: absolute times are this machine's, at this hour."""
    print(f"NOTE  {name} {value:.3g} {unit}", flush=True)


def note_times(theme: str, times: Times) -> None:
    for name, milliseconds in times.full.items():
        note(f"{theme}.{name}", milliseconds, f"ms ({times.small[name]:.3g} ms when small)")


def conclude() -> None:
    print(f"Short: {', '.join(_short)}" if _short else "Every target is met.", file=sys.stderr)
