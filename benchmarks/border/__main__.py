"""The border at the world's size, part by part; what was measured is kept, so that a run can be broken off and go on.

    python -m benchmarks.border [--quick] [--kept FILE] [--sizes 1000000 10000000 150000000]

Each part runs in a process of its own and its last line is kept in FILE. ``--quick`` is the small form, under five minutes
on an idle machine; its last line is one JSON object.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks import measuring

SIZES = (1_000_000, 10_000_000, 150_000_000)
QUICK_SIZES = (1_000_000,)
GOALS = {
    "miss_us": "at most 2",
    "hit_us": "at most 5",
    "batch_us": "at most 0.2",
    "http_vs_empty_handler": "at least 0.7",
    "http_vs_fastapi_postgres": "at least 4",
}


def parts(sizes: tuple[int, ...], *, quick: bool) -> dict[str, list[str]]:
    """The parts by name, each with the words of its command."""
    rounds = ["--rounds", "3"] if quick else []
    listed = {
        f"in process, {size:,}": ["benchmarks.border.in_process", "--documents", str(size), *rounds]
        for size in sizes
    }
    seconds = ["--documents", "20000", "--seconds", "2"] if quick else []
    return listed | {"over HTTP": ["benchmarks.border.over_http", *seconds, *rounds]}


def run(words: list[str]) -> dict[str, float]:
    """Run one part, showing what it prints; its last line is one JSON object."""
    last = ""
    with subprocess.Popen([sys.executable, "-u", "-m", *words], stdout=subprocess.PIPE, text=True) as part:
        for line in part.stdout or ():
            print(line, end="", flush=True)
            last = line if line.strip() else last
    if part.returncode:
        raise SystemExit(f"{' '.join(words)} failed")
    return dict(json.loads(last))


def kept_in(path: Path | None) -> dict[str, dict[str, float]]:
    return dict(json.loads(path.read_text())) if path is not None and path.exists() else {}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--kept", type=Path, help="where figures are kept, so that the next run goes on")
    parser.add_argument("--sizes", type=int, nargs="+")
    options = parser.parse_args()
    sizes = tuple(options.sizes or (QUICK_SIZES if options.quick else SIZES))
    wanted = parts(sizes, quick=options.quick)
    found = kept_in(options.kept)
    for number, (name, words) in enumerate(wanted.items(), 1):
        print(
            f"\n[{number} of {len(wanted)}] {name}: {'kept from before' if name in found else 'measuring'}\n",
            flush=True,
        )
        if name not in found:
            found[name] = run(words)
            if options.kept is not None:
                options.kept.write_text(json.dumps(found, indent=1))
    figures: dict[str, float] = {}
    for name in wanted:
        figures |= found[name]
    print()
    for name, goal in GOALS.items():
        print(f"{name:<28} {figures[name]:>8.2f}   goal: {goal}")
    measuring.closing(figures)


if __name__ == "__main__":
    main()
