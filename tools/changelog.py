"""Collects the fragments in changelog.d into CHANGELOG.md: ``python -m tools.changelog 0.2.0``.

A fragment is one file ``changelog.d/<name>.<kind>.md`` of one or two sentences.
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from tools.tree import ROOT

KINDS = {
    "added": "Added",
    "changed": "Changed",
    "fixed": "Fixed",
    "removed": "Removed",
    "security": "Security",
}
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.(" + "|".join(KINDS) + r")\.md")
VERSION = re.compile(r"\d+\.\d+\.\d+")
MARK = "<!-- releases -->\n"


def fragments(folder: Path) -> list[Path]:
    """Every fragment, in the order in which they are shown; refuses a file that is none."""
    found = sorted(path for path in folder.iterdir() if path.name != "README.md")
    if wrong := [path.name for path in found if not NAME.fullmatch(path.name)]:
        raise ValueError(f"changelog.d/{wrong[0]} is no fragment: name it <what>.<{'|'.join(KINDS)}>.md")
    return found


def section(found: list[Path], version: str, day: str) -> str:
    """The release as it stands in the changelog."""
    lines = [f"## {version} ({day})", ""]
    for kind, title in KINDS.items():
        texts = [
            " ".join(path.read_text(encoding="utf-8").split())
            for path in found
            if path.name.endswith(f".{kind}.md")
        ]
        if texts:
            lines += [f"### {title}", "", *(f"- {text}" for text in texts), ""]
    return "\n".join(lines) + "\n"


def collect(root: Path, version: str, day: str) -> int:
    """Put all fragments into the changelog and delete them; returns how many there were."""
    found = fragments(root / "changelog.d")
    if found:
        changelog = root / "CHANGELOG.md"
        before, mark, after = changelog.read_text(encoding="utf-8").partition(MARK)
        changelog.write_text(
            before + mark + "\n" + section(found, version, day) + after.lstrip("\n"), "utf-8"
        )
        for path in found:
            path.unlink()
    return len(found)


def main() -> int:
    version = sys.argv[1] if len(sys.argv) > 1 else ""
    if not VERSION.fullmatch(version):
        print("Say which version: make changelog VERSION=0.2.0", file=sys.stderr)
        return 1
    count = collect(ROOT, version, datetime.now(UTC).date().isoformat())
    print(f"{count} fragments collected into CHANGELOG.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
