"""Every command, its help, and how one ends."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import typer.main
from tests.cli.conftest import Allpoints

from allpoints.cli.main import app

HEAVY = ("litestar", "uvicorn", "cryptography", "httpx", "rich", "numpy", "structlog")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from commands(one, (*path, name))
    else:
        yield path, command


KNOWN = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", KNOWN, ids=" ".join)
def test_every_command_says_what_it_does_in_a_sentence_and_shows_an_example(
    allpoints: Allpoints, path: tuple[str, ...]
) -> None:
    shown = allpoints(*path, "--help")
    assert shown.code == 0
    assert f"$ allpoints {' '.join(path)}" in shown.out
    assert KNOWN[path].help[:1].isupper()
    assert KNOWN[path].help.split("\n")[0].rstrip().endswith(".")
    assert all(one.help for one in KNOWN[path].params)


@pytest.mark.parametrize("path", KNOWN, ids=" ".join)
def test_every_example_of_a_help_page_is_a_line_of_the_shell_that_this_program_understands(
    allpoints: Allpoints, path: tuple[str, ...]
) -> None:
    shown = allpoints(*path, "--help").out
    typed = [line.strip()[2:] for line in shown.splitlines() if line.strip().startswith("$ ")]
    assert typed
    for line in typed:
        called = list(calls(line))
        assert [taken for taken, _ in called[:1]] == [path], line
        for taken, words in called:
            # A command that is not there, an option that it has not, a value that is no value: each is refused here.
            KNOWN[taken].make_context(" ".join(taken), list(words))


def calls(line: str) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Every call of the program in a line of the shell: the command's path, and what it is given."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words = list(lexer)
    for place, word in enumerate(words):
        if word != "allpoints":
            continue
        given = list(takewhile(lambda one: not set(one) <= set("();<>|&"), words[place + 1 :]))
        taken = next(given[:length] for length in (1, 2, 0) if tuple(given[:length]) in KNOWN or not length)
        yield tuple(taken), given[len(taken) :]


def test_an_example_that_is_no_call_of_a_known_command_is_found() -> None:
    assert list(calls("export A=$(allpoints officer token anna)")) == [(("officer", "token"), ["anna"])]
    assert list(calls("B=1 allpoints settings > out")) == [(("settings",), [])]
    wrong = "allpoints export ALLPOINTS_TOKEN=$(allpoints officer token anna)"
    assert [taken for taken, _ in calls(wrong)] == [("export",), ("officer", "token")]
    assert list(calls("allpoints chekc --number 1")) == [((), ["chekc", "--number", "1"])]
    with pytest.raises(Exception, match="No such option: --purpose"):
        KNOWN["settings",].make_context("settings", ["--purpose", "warn"])


def test_a_whole_line_of_the_shell_stands_as_it_is(allpoints: Allpoints) -> None:
    shown = allpoints("officer", "token", "--help").out
    assert "  $ export ALLPOINTS_TOKEN=$(allpoints officer token anna)\n" in shown
    assert "  $ allpoints officer token anna\n" in shown
    assert "  $ ALLPOINTS_WEB_PORT=9000 allpoints settings\n" in allpoints("settings", "--help").out


def test_every_command_that_asks_a_node_takes_folder_and_json() -> None:
    for path, command in KNOWN.items():
        assert {"folder", "as_json"} <= {one.name for one in command.params}, path


def test_help_loads_nothing_heavy() -> None:
    looked = f"import sys, allpoints.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_command_typed_wrong_ends_with_two_and_shows_how(allpoints: Allpoints) -> None:
    for line in (("chekc",), ("officer", "add"), ("audit", "list", "--limit", "many"), ("import",)):
        wrong = allpoints(*line)
        assert (wrong.code, wrong.out) == (2, ""), line
        assert "Usage: allpoints" in wrong.err


def test_a_refusal_ends_with_one_and_says_sentence_field_and_hint(
    allpoints: Allpoints, tmp_path: Path
) -> None:
    refused = allpoints("settings", "--dir", tmp_path)
    assert refused.code == 1
    assert refused.out == ""
    assert refused.err == (
        f"error: There is no allpoints.toml in {tmp_path}.\n"
        "hint: Run allpoints init first, or name the node's folder with --dir.\n"
    )


def test_a_refusal_is_a_problem_object_for_a_program(allpoints: Allpoints, tmp_path: Path) -> None:
    refused = allpoints("settings", "--dir", tmp_path, "--json")
    assert refused.code == 1
    assert '"code": "SETTINGS-MISSING"' in refused.out
    assert refused.err == ""


def test_version_goes_to_standard_output(allpoints: Allpoints) -> None:
    assert re.fullmatch(r"allpoints \d+\.\d+\.\d+\S*\n", allpoints("version").out)
