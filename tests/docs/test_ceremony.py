"""The ceremony of a root, typed on a terminal as its page says, by holders who are asked for their passphrase."""

import os
import pty
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.processes import COMMAND, Town, free_ports
from tests.docs.pages import blocks
from tools.tree import DOCS

pytestmark = pytest.mark.network

PAGE = DOCS / "how-to/root-ceremony.md"
LIMITING = DOCS / "how-to/limit-a-member.md"
CHANGING = DOCS / "how-to/change-the-root.md"
PASSPHRASE = b"six words drawn by our dice\n"


class Terminal:
    """A terminal on which a holder types one command after the other."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.said = ""

    def type(self, words: list[str]) -> int:
        """Carry out one command; a question for a passphrase is answered."""
        child, screen = pty.fork()
        if child == 0:
            os.chdir(self.town.folder)
            os.execve(COMMAND[0], [*COMMAND, *words], self.town.environment)
        self.said = ""
        answered = 0
        while piece := _read(screen):
            self.said += piece
            # Each question is asked on a line of its own: "Passphrase: ", then "Repeat for confirmation: ".
            if _asked(self.said) > answered:
                os.write(screen, PASSPHRASE)
                answered += 1
        os.close(screen)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _asked(said: str) -> int:
    return said.count("Passphrase: ") + said.count("Repeat for confirmation: ")


def _read(screen: int) -> str:
    try:
        return os.read(screen, 65_536).decode("utf-8", "replace")
    except OSError:
        # The other end is closed: the command has ended.
        return ""


def commands(page: Path = PAGE) -> list[list[str]]:
    typed = "".join(block.text for block in blocks(page) if block.language == "console")
    return [shlex.split(line.removeprefix("$ allpoints")) for line in typed.splitlines() if line]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    town = Town(tmp_path)
    yield Terminal(town)
    town.close()


def test_the_ceremony_goes_as_its_page_says_and_holders_restore_and_limit_a_member_as_theirs_does(
    terminal: Terminal,
) -> None:
    town, asked = terminal.town, commands()
    assert len(asked) == 16
    port = str(free_ports(1)[0])
    for words in asked:
        if words[0] == "serve":
            town.serve(words[-1])
            continue
        more = ["--port", port] if "--ceremony" in words else []
        assert terminal.type([*words, *more]) == 0, (words, terminal.said)
    (member,) = town.done("member", "list", "--dir", "xsc", "--json").json
    assert member["code"] == "XAV"
    # The page about measures is about this member here; of its urgent ones, the milder has to come first.
    urgent = [one for one in commands(LIMITING) if "throttle" in one and "--draft" not in one]
    for words in [*urgent, *(one for one in commands(LIMITING) if one not in urgent)]:
        typed = ["XAV" if word == "XBM" else "xsc" if word == "xav" else word for word in words]
        assert terminal.type(typed) == 0, (words, terminal.said)
    found = town.done("member", "show", "XAV", "--dir", "xsc", "--json").json
    assert [(one["mode"], one["state"]) for one in found] == [
        ("receive-only", "in force"),
        ("suspended", "lifted"),
        ("receive-only", "lifted"),
    ]

    _change_the_root(terminal)


def _change_the_root(terminal: Terminal) -> None:
    """The page about the next root; a bureau that is away meanwhile finds the relay by itself, with its next key."""
    town = terminal.town
    town.serve("xav")
    town.stop("xav")
    before = (town.folder / "xsc/relay/keys.cbor").read_bytes()
    for words in commands(CHANGING):
        if words[:2] == ["root", "change"]:
            town.stop("xsc")
        if words[0] == "serve":
            town.serve("xsc")
            town.serve("xav")
            continue
        assert terminal.type(words) == 0, (words, terminal.said)
    assert (town.folder / "xsc/relay/keys.cbor").read_bytes() != before
    shown = {name: town.done("root", "show", "--dir", name, "--json").json for name in ("xav", "xsc")}
    assert shown["xav"] == shown["xsc"]
    assert (shown["xav"]["version"], shown["xav"]["threshold"]) == (2, "2 of 3")
    town.done("verify", "--dir", "xsc")
    town.done("verify", "--dir", "xav")


def test_the_ceremony_leaves_no_key_with_the_secretariat(terminal: Terminal) -> None:
    words = next(one for one in commands() if "--ceremony" in one)
    assert terminal.type(words) == 0
    assert not (terminal.town.folder / "xsc" / "trial-holder.key").exists()
    words.remove("--ceremony")
    words[words.index("--dir") + 1] = "trial"
    assert terminal.type(words) == 0
    assert (terminal.town.folder / "trial" / "trial-holder.key").exists()
