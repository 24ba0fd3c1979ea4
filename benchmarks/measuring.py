"""What every benchmark shares: medians with their spread, the machine, and a line that programs can read."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path


def machine() -> str:
    """The machine as far as a reader needs it to judge a figure."""
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {load:.1f}"
    )


def spread(values: Sequence[float]) -> str:
    """Median with least and most."""
    return f"{statistics.median(values):,.2f} ({min(values):,.2f} to {max(values):,.2f})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def heading(title: str, method: str) -> None:
    print(f"{title}\n{'=' * len(title)}\n{method}\nMachine: {machine()}\n")


def closing(figures: dict[str, float]) -> None:
    """The last line: one JSON object."""
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))
    sys.stdout.flush()
