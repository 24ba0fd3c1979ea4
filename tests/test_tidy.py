"""The tree itself: locks, licences, lengths, and what must never be committed."""

import ast
import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from tools.changelog import fragments
from tools.tree import ROOT, committed

FILE_LIMIT_BYTES = 500_000
LINE_LENGTH_OF_MINIFIED = 2_000

MODULE_LIMIT_LINES = {"src": 300, "demo": 300, "tools": 300, "benchmarks": 300, "tests": 400}
FUNCTION_LIMIT_LINES = {"src": 40, "demo": 40, "tools": 40, "benchmarks": 40, "tests": 45}
"""Tests may be longer: a story with all its rows reads better in one place."""

LONGER_MODULES = {
    "benchmarks/check_index.py": "three stores measured by one method, side by side",
    "demo/scenes.py": "one play, read from first to last scene",
    "tools/verify.py": "one file on purpose, so that it can be read and carried whole",
    "tests/node/federation.py": "the whole federation that every test of the nodes starts from",
}
LONGER_FUNCTIONS = {
    "tests/web/samples": "each function is one page's data",
}

PERMISSIVE = {
    "0BSD",
    "APACHE-2.0",
    "BSD-2-CLAUSE",
    "BSD-3-CLAUSE",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "PSF-2.0",
    "ZLIB",
}
OTHER_PERMISSIVE = {
    "lmdb": "OLDAP-2.8",  # permissive, of BSD's kind; a yardstick in one benchmark, never shipped
    "@fontsource-variable/noto-sans": "OFL-1.1",  # a font, made to be embedded
    "@fontsource-variable/noto-sans-arabic": "OFL-1.1",
}
SPELLINGS = {
    "APACHE 2.0": "APACHE-2.0",
    "APACHE SOFTWARE LICENSE": "APACHE-2.0",
    "BSD 2-CLAUSE LICENSE": "BSD-2-CLAUSE",
    "BSD LICENSE": "BSD-3-CLAUSE",
    "ISC LICENSE": "ISC",
    "ISC LICENSE (ISCL)": "ISC",
    "MIT LICENSE": "MIT",
    "MOZILLA PUBLIC LICENSE 2.0 (MPL 2.0)": "MPL-2.0",
    "PYTHON SOFTWARE FOUNDATION LICENSE": "PSF-2.0",
}

VENDORED = {"node_modules", "vendor", "third_party", "static", ".venv", "dist", "__pycache__"}
NO_NAMES = re.compile(r"(^|[_-])(utils?|helpers?|managers?|misc|common_utils)([_.-]|$)")
NOTES_TO_SELF = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|root|Users|work|mnt)/[a-z]")
TEXT = {".py", ".md", ".toml", ".yaml", ".html", ".css", ".ts", ".json", ".in", ".lock", ".svg", ""}


def written() -> list[Path]:
    """Committed files that people of this project wrote: no vectors, no licence texts."""
    return [path for path in committed() if "vectors" not in path.parts and path.name != "LICENSE"]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.suffix in TEXT else ""


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# -- what may be committed


def test_nothing_from_elsewhere_is_committed() -> None:
    assert not [shown(path) for path in committed() if VENDORED & set(path.relative_to(ROOT).parts[:-1])]


def test_nothing_minified_is_committed() -> None:
    code = [path for path in written() if path.suffix in {".js", ".ts", ".css", ".html", ".py"}]
    assert code
    assert not [
        shown(path) for path in code if max(map(len, text_of(path).split("\n"))) > LINE_LENGTH_OF_MINIFIED
    ]
    assert not [shown(path) for path in code if ".min." in path.name]


def test_no_file_is_large() -> None:
    assert not [shown(path) for path in written() if path.stat().st_size > FILE_LIMIT_BYTES]


def test_no_file_names_a_place_on_one_machine() -> None:
    found = [shown(path) for path in written() if MACHINE_PATH.search(text_of(path))]
    assert MACHINE_PATH.search("see /ho" + "me/anna/allpoints")
    assert not found


def test_no_file_is_named_after_nothing() -> None:
    found = [
        shown(path)
        for path in committed()
        if any(NO_NAMES.search(part) for part in path.relative_to(ROOT).parts)
    ]
    assert NO_NAMES.search("date_utils.py")
    assert not found


def test_no_note_to_self_is_left() -> None:
    assert not [shown(path) for path in written() if NOTES_TO_SELF.search(text_of(path))]


def test_every_changelog_fragment_has_a_kind() -> None:
    for path in fragments(ROOT / "changelog.d"):
        assert path.read_text(encoding="utf-8").strip()


# -- lengths


def modules() -> list[Path]:
    return [
        path
        for path in committed()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in MODULE_LIMIT_LINES
    ]


def is_allowed(allowances: dict[str, str], path: Path) -> bool:
    return any(shown(path).startswith(prefix) for prefix in allowances)


def test_modules_are_short_enough_to_read() -> None:
    found = {
        shown(path): lines
        for path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines()))
        > MODULE_LIMIT_LINES[path.relative_to(ROOT).parts[0]]
        and not is_allowed(LONGER_MODULES, path)
    }
    assert not found


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (
        (function.end_lineno or function.lineno)
        - first.lineno
        + 1
        + (function.body[0].lineno - function.lineno)
    )


def test_functions_are_short_enough_to_read() -> None:
    found = {
        f"{shown(path)}:{function.lineno} {function.name}": lines
        for path in modules()
        for function in functions(path)
        if (lines := lines_of(function)) > FUNCTION_LIMIT_LINES[path.relative_to(ROOT).parts[0]]
        and not is_allowed(LONGER_FUNCTIONS, path)
    }
    assert not found


@pytest.mark.parametrize("prefix", [*LONGER_MODULES, *LONGER_FUNCTIONS])
def test_every_allowance_is_still_needed(prefix: str) -> None:
    assert (ROOT / prefix).exists()


# -- locks and licences

LOCKS = ("requirements/run.lock", "requirements/dev.lock", "package-lock.json")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_names_no_download_address(name: str) -> None:
    assert "://" not in re.sub(r'"(url|funding)": .*', "", (ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOCKS[:2])
def test_every_locked_package_is_pinned_and_hashed(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8").strip())
    assert len(entries) > 10
    assert not [
        entry.split("\n")[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry
    ]


def names_in(lock: str) -> set[str]:
    return set(
        re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_whoever_develops_runs_what_a_node_runs() -> None:
    assert names_in("requirements/run.lock") <= names_in("requirements/dev.lock")


def test_every_dependency_of_the_project_is_locked() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.findall(r'^    "([a-z0-9-]+)>=', project, re.MULTILINE)
    assert len(listed) > 10
    assert set(listed) <= names_in("requirements/run.lock")
    assert set(listed) == set(
        re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements/run.in").read_text(), re.MULTILINE)
    )


def licences(distribution: metadata.Distribution) -> set[str]:
    """Every licence that a package names, in SPDX's spelling where that is known."""
    about = distribution.metadata.json
    expression = str(about.get("license_expression", ""))
    if expression:
        named = re.split(r" (?:AND|OR) |[()]", expression)
    else:
        classified = [
            one.split(" :: ")[-1] for one in about.get("classifier", []) if one.startswith("License ::")
        ]
        named = classified or re.split(
            " (?:AND|OR) ", str(about.get("license", "")).split("\n")[0].split("  ")[0]
        )
    named = [one for one in named if one.strip()] or licence_texts(distribution)
    return {SPELLINGS.get(one.strip().upper(), one.strip().upper()) for one in named if one.strip()}


def licence_texts(distribution: metadata.Distribution) -> list[str]:
    """The licence by its own text, of a package whose metadata names none."""
    files = [file for file in distribution.files or [] if "/licenses/" in str(file)]
    heads = [" ".join(file.read_text().split()[:4]) for file in files]
    return ["Apache-2.0" if head == "Apache License Version 2.0," else head for head in heads]


def test_every_installed_package_of_the_lock_has_a_permissive_licence() -> None:
    locked = names_in("requirements/dev.lock")
    installed = {re.sub(r"[-_.]+", "-", one.name).lower(): one for one in metadata.distributions()}
    judged = {name: licences(installed[name]) for name in sorted(locked & set(installed))}
    assert len(judged) > 40
    strange = {
        name: found
        for name, found in judged.items()
        if not found or not found <= PERMISSIVE | {OTHER_PERMISSIVE.get(name, "")}
    }
    assert not strange


def test_every_package_of_the_console_has_a_permissive_licence() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    judged = {
        name.removeprefix("node_modules/"): str(about.get("license"))
        for name, about in packages.items()
        if name
    }
    assert len(judged) > 10
    strange = {
        name: licence
        for name, licence in judged.items()
        if licence.upper() not in PERMISSIVE and OTHER_PERMISSIVE.get(name) != licence
    }
    assert not strange
