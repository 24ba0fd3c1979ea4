import importlib.util
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def _hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", REPOSITORY / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hook = _hook()


class FakeTools:
    """npm that says what it is told, and a Vite that writes what it is given."""

    def __init__(self, *, npm_error: str = "", vite_status: int = 0, files: Sequence[str] = ()) -> None:
        self.npm_error = npm_error
        self.vite_status = vite_status
        self.files = files
        self.calls: list[str] = []

    def npm(self, arguments: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
        self.calls.append("npm " + " ".join(arguments))
        return subprocess.CompletedProcess(arguments, 1 if self.npm_error else 0, "", self.npm_error)

    def node(self, arguments: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[str]":
        self.calls.append("vite")
        static = folder / hook.STATIC
        static.mkdir(parents=True, exist_ok=True)
        for name in self.files:
            (static / name).write_text(MANIFEST if name == "manifest.json" else "x")
        return subprocess.CompletedProcess(arguments, self.vite_status, "", "vite says no")


MANIFEST = json.dumps({"console.ts": {"file": "console.js", "css": ["console.css"]}})
WHOLE = ("manifest.json", "console.js", "console.css")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in hook.INPUTS:
        (tmp_path / name).write_text("{}")
    for folder in ("assets", "components/tag"):
        (tmp_path / "src/allpoints/web" / folder).mkdir(parents=True)
    (tmp_path / "src/allpoints/web/assets/console.ts").write_text("")
    (tmp_path / "src/allpoints/web/components/tag/style.css").write_text("a{}")
    (tmp_path / "src/allpoints/web/components/tag/macro.html").write_text("")
    return tmp_path


def test_an_unchanged_console_is_not_built_again(root: Path) -> None:
    assert hook.build(root, FakeTools(files=WHOLE))
    again = FakeTools(files=WHOLE)
    assert not hook.build(root, again)
    assert again.calls == []


@pytest.mark.parametrize(
    "changed",
    [
        "package-lock.json",
        "src/allpoints/web/assets/console.ts",
        "src/allpoints/web/components/tag/style.css",
    ],
)
def test_a_changed_source_or_lock_builds_again(root: Path, changed: str) -> None:
    hook.build(root, FakeTools(files=WHOLE))
    (root / changed).write_text('{"changed": 1}')
    assert hook.build(root, FakeTools(files=WHOLE))


def test_a_changed_template_needs_no_build(root: Path) -> None:
    hook.build(root, FakeTools(files=WHOLE))
    (root / "src/allpoints/web/components/tag/macro.html").write_text("changed")
    assert not hook.build(root, FakeTools())


def test_what_only_tests_need_is_installed_when_asked_for(root: Path) -> None:
    first, second, third = FakeTools(files=WHOLE), FakeTools(), FakeTools()
    hook.build(root, first)
    assert "--omit=dev" in first.calls[0]
    assert not hook.build(root, second, development=True)
    assert len(second.calls) == 1
    assert "--omit=dev" not in second.calls[0]
    hook.build(root, third, development=True)
    assert third.calls == []


def test_a_registry_out_of_reach_is_one_sentence_that_names_the_way_out(root: Path) -> None:
    tools = FakeTools(npm_error="npm error code ENOTFOUND\nnpm error network request failed")
    with pytest.raises(hook.ConsoleNotBuiltError) as raised:
        hook.build(root, tools)
    assert "ALLPOINTS_WITHOUT_CONSOLE=1" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not hook.is_current(root, hook.fingerprint(root))


def test_another_npm_fault_is_shown_as_npm_says_it(root: Path) -> None:
    with pytest.raises(hook.ConsoleNotBuiltError, match="EINTEGRITY"):
        hook.build(root, FakeTools(npm_error="npm error code EINTEGRITY"))


def test_a_failed_vite_is_shown_as_vite_says_it(root: Path) -> None:
    with pytest.raises(hook.ConsoleNotBuiltError, match="vite says no"):
        hook.build(root, FakeTools(vite_status=1))


@pytest.mark.parametrize("files", [(), ("manifest.json",), ("manifest.json", "console.js")])
def test_a_build_without_manifest_or_its_files_fails(root: Path, files: tuple[str, ...]) -> None:
    with pytest.raises(hook.ConsoleNotBuiltError, match="manifest"):
        hook.build(root, FakeTools(files=files))


@pytest.mark.parametrize(("value", "unwanted"), [("1", True), ("0", False), ("", False)])
def test_the_console_can_be_left_out(monkeypatch: pytest.MonkeyPatch, value: str, unwanted: bool) -> None:
    monkeypatch.setenv("ALLPOINTS_WITHOUT_CONSOLE", value)
    assert hook.is_unwanted() is unwanted
    if unwanted:
        assert hook.main([]) == 0


def test_the_lock_file_names_no_address_and_every_version_is_exact() -> None:
    assert '"resolved"' not in (REPOSITORY / "package-lock.json").read_text()
    package = json.loads((REPOSITORY / "package.json").read_text())
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert all(version[0].isdigit() for version in wanted.values())
    assert wanted["htmx.org"].startswith("2.0.")
