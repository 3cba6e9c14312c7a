"""Calls that take turns, and the lines that say what came out."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tests.lab.benchmarks.databases import FULL, SMALL, use

MOST_TURNS = 100
FEWEST_TURNS = 12
SECONDS = 3  # for each question on each platform, while there are fewer turns than the most
CALLS_IN_A_TURN = 20
MILLISECONDS_OF_A_TURN = 15

# What is asked again and again, or what loads that once on the platform that is in use.
Ask = Callable[[], object]
Question = Callable[[], Ask]
Clock = Callable[[], float]
Samples = Mapping[str, list[float]]
Key = TypeVar("Key", bound=Hashable)
_short: list[str] = []


@dataclass(frozen=True)
class Times:
    """Milliseconds of each question on both platforms, turn by turn.

    A ratio is the median of the ratios within turns, whose calls follow each other: so whatever
    else the machine does meanwhile slows both alike.
    """

    small: Samples
    full: Samples

    def growth(self, name: str) -> float:
        return median_ratio(self.full[name], self.small[name])

    def ratio(self, name: str, other: str) -> float:
        """Return how much longer `name` takes than `other` on the full platform."""
        return median_ratio(self.full[name], self.full[other])


def compare(questions: Mapping[str, Question]) -> Times:
    """Time every question on both platforms."""
    asks: dict[tuple[str, str], Ask] = {}
    for name, question in questions.items():
        for database in (SMALL, FULL):
            use(database)
            asks[database, name] = _on(database, question())
    samples = take_turns(asks)
    small, full = (
        {name: samples[database, name] for name in questions} for database in (SMALL, FULL)
    )
    return Times(small, full)


def take_turns(asks: Mapping[Key, Ask], clock: Clock = time.perf_counter) -> dict[Key, list[float]]:
    """Return the milliseconds of each in every turn, as `clock` tells seconds."""
    samples: dict[Key, list[float]] = {key: [] for key in asks}
    for ask in asks.values():
        ask()
    end = time.monotonic() + SECONDS * len(asks)
    for turn in range(MOST_TURNS):
        if turn >= FEWEST_TURNS and time.monotonic() > end:
            break
        for key, ask in asks.items():
            samples[key].append(_turn(ask, clock))
    return samples


def median_ratio(samples: list[float], others: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(samples, others, strict=True))


def _on(database: str, ask: Ask) -> Ask:
    def asked() -> object:
        use(database)
        return ask()

    return asked


def _turn(ask: Ask, clock: Clock) -> float:
    """Return the median milliseconds of some calls in a row, of a long one those of a single one.

    The first of many only warms up.
    """
    gc.disable()
    calls = [_milliseconds(ask, clock)]
    while len(calls) <= CALLS_IN_A_TURN and sum(calls) < MILLISECONDS_OF_A_TURN:
        calls.append(_milliseconds(ask, clock))
    gc.enable()
    return statistics.median(calls[1:] or calls)


def _milliseconds(ask: Ask, clock: Clock) -> float:
    start = clock()
    ask()
    return (clock() - start) * 1000


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
    for name, samples in times.full.items():
        small = statistics.median(times.small[name])
        full = statistics.median(samples)
        note(f"{theme}.{name}", full, f"ms ({small:.3g} ms when small)")


def conclude() -> None:
    print(f"Short: {', '.join(_short)}" if _short else "Every target is met.", file=sys.stderr)
