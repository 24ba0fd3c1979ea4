"""Where things are in the tree."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src/allpoints"

MADE = {".git", ".venv", ".demo", "node_modules", "static", "dist", "screenshots", "__pycache__"}
"""Folders that are made, not written; names that end in _cache are, too."""


def committed() -> list[Path]:
    """Every file of the tree that is or would be committed; without git, every file that was not made."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return sorted(path for path in ROOT.rglob("*") if path.is_file() and not _is_made(path))
    listed = subprocess.run(
        [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (ROOT / name for name in sorted(set(listed.split("\0"))) if name)
    return [path for path in paths if path.is_file()]


def _is_made(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part in MADE or part.endswith("_cache") for part in parts) or parts[0] in {
        ".hypothesis",
        ".coverage",
    }
