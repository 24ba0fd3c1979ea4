"""The wheel as it is built: nothing that a node needs at run time stays behind in the tree."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatch_build import is_unwanted
from tools.tree import ROOT, committed


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(path).namelist())


def test_the_wheel_holds_every_committed_file_of_the_package(wheel: set[str]) -> None:
    source = ROOT / "src"
    written = {path.relative_to(source).as_posix() for path in committed() if path.is_relative_to(source)}
    assert {"allpoints/cli/main.py", "allpoints/py.typed"} <= written
    assert {Path(name).suffix for name in written} >= {".py", ".yaml", ".html"}
    assert not written - wheel


def test_the_wheel_holds_the_built_console(wheel: set[str]) -> None:
    static = {name.removeprefix("allpoints/web/static/") for name in wheel if "/web/static/" in name}
    if is_unwanted():
        pytest.skip("ALLPOINTS_WITHOUT_CONSOLE is set: this wheel is meant to have no console")
    assert "manifest.json" in static
    assert {Path(name).suffix for name in static} >= {".js", ".css", ".woff2"}


def test_the_wheel_holds_the_licence_and_the_command_and_no_tests(wheel: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel)
    assert any(name.endswith(".dist-info/entry_points.txt") for name in wheel)
    assert {name.split("/")[0] for name in wheel if ".dist-info" not in name} == {"allpoints"}
