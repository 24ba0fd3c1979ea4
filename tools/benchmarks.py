"""Runs every benchmark in a process of its own: ``python -m tools.benchmarks [name …]``."""

import subprocess
import sys

from tools.tree import ROOT

NO_BENCHMARK = {"__init__", "insider_year", "measuring", "postgres", "stage", "weighing"}
"""What the benchmarks share."""


def names() -> list[str]:
    return sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem not in NO_BENCHMARK)


def main() -> int:
    failed = []
    for name in sys.argv[1:] or names():
        print(f"\n# python -m benchmarks.{name}\n", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"These benchmarks failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
