"""The ceremony of a root, typed as its holders type it: two of three, with files, then a network that they hold."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import NODES, Allpoints, Outcome
from tests.cli.processes import Town, free_ports

PASSPHRASE = "correct horse battery staple"
HOLDERS = ("Ines", "Bram", "Cleo")


class Table:
    """The holders at their table: their keys, and the commands that they type."""

    def __init__(self, allpoints: Allpoints, folder: Path) -> None:
        self.allpoints = allpoints
        self.folder = folder
        (folder / "words").write_text(f"{PASSPHRASE}\n", encoding="utf-8")

    def type(self, *words: object, secret: bool = False) -> Outcome:
        return self.allpoints(
            "root", *words, *(("--passphrase-file", self.folder / "words") if secret else ())
        )

    def done(self, *words: object, secret: bool = False) -> Outcome:
        outcome = self.type(*words, secret=secret)
        assert outcome.code == 0, outcome.err
        return outcome

    def holders(self) -> None:
        for name in HOLDERS:
            self.done("holder", "--name", name, "--out", self.folder / name, secret=True)

    def draft(self, services: Path) -> Path:
        draft = self.folder / "draft.json"
        cards = [word for name in HOLDERS for word in ("--holder", self.folder / f"{name}.json")]
        self.done("draft", "--services", services, *cards, "--threshold", 2, "--out", draft)
        return draft

    def sign(self, draft: Path, name: str, *more: object) -> Path:
        out = self.folder / f"{draft.stem}-{name}.json"
        self.done("sign", draft, "--key", self.folder / name, "--out", out, *more, secret=True)
        return out

    def approve(self, request: Path, root: Path, name: str) -> Path:
        out = self.folder / f"approval-{name}.json"
        asked = ("approve", request, "--root", root, "--key", self.folder / name, "--out", out)
        assert "becomes a member" in self.done(*asked, secret=True).out
        return out


@pytest.fixture
def table(allpoints: Allpoints, tmp_path: Path) -> Table:
    return Table(allpoints, tmp_path)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.close()


def test_two_of_three_holders_make_a_root_and_one_does_not(table: Table, allpoints: Allpoints) -> None:
    centre = table.folder / "xsc"
    made = allpoints("init", "--dir", centre, "--role", "secretariat", *NODES["secretariat"], "--ceremony")
    assert made.code == 0
    assert "the holders make the root" in made.err
    assert not (centre / "trial-holder.key").exists()
    assert "have not made the root" in allpoints("keys", "show", "--dir", centre).err
    table.holders()
    assert {(table.folder / name).stat().st_mode & 0o777 for name in HOLDERS} == {0o600}
    draft = table.draft(centre / "services.json")
    ines = table.sign(draft, "Ines")
    root = table.folder / "root.json"
    assert "it takes 2" in table.type("assemble", ines, "--out", root).err
    assert "it takes 2" in table.type("assemble", ines, ines, "--out", root).err
    assert "it takes 2" in allpoints("join", ines, "--dir", centre).err
    table.done("assemble", ines, table.sign(draft, "Cleo"), "--out", root)
    shown = json.loads(table.done("show", root, "--json").out)
    assert (shown["threshold"], shown["holders"].count("(signed)")) == ("2 of 3", 2)
    assert json.loads(table.done("verify", root, "--json").out)["fingerprint"] == shown["fingerprint"]
    assert "it takes 2" in table.type("verify", draft).err
    joined = allpoints("join", root, "--dir", centre, "--json")
    assert json.loads(joined.out)["fingerprint"] == shown["fingerprint"]
    assert "has a root already" in allpoints("join", root, "--dir", centre).err
    assert allpoints("keys", "show", "--dir", centre).code == 0


def test_a_root_is_followed_by_one_that_both_versions_signed(table: Table, allpoints: Allpoints) -> None:
    centre = table.folder / "xsc"
    allpoints("init", "--dir", centre, "--role", "secretariat", *NODES["secretariat"], "--ceremony")
    table.holders()
    draft, root = table.draft(centre / "services.json"), table.folder / "root.json"
    table.done("assemble", *(table.sign(draft, name) for name in HOLDERS), "--out", root)
    second = table.folder / "second.json"
    cards = ("--holder", table.folder / "Bram.json", "--holder", table.folder / "Cleo.json")
    drafted = ("draft", "--services", centre / "services.json", *cards, "--threshold", 1, "--before", root)
    table.done(*drafted, "--out", second)
    one = table.sign(second, "Bram")
    assert "it takes 2" in table.type("verify", one, "--before", root).err
    whole = table.folder / "whole.json"
    asked = ("sign", second, "--key", table.folder / "Ines", "--out", table.folder / "no")
    assert "Ines is no holder of this root" in table.type(*asked, secret=True).err
    two = table.sign(second, "Ines", "--before", root)
    table.done("assemble", one, two, "--before", root, "--out", whole)
    table.done("verify", whole, "--before", root)
    assert "is not the first root" in table.type("verify", whole).err


def test_a_key_opens_with_its_passphrase_alone(table: Table, allpoints: Allpoints) -> None:
    (table.folder / "short").write_text("short\n", encoding="utf-8")
    asked = ("holder", "--name", "Ines", "--out", table.folder / "Ines")
    assert "at least 12" in table.type(*asked, "--passphrase-file", table.folder / "short").err
    assert not (table.folder / "Ines").exists()
    table.holders()
    assert "There is a file" in table.type(*asked, secret=True).err
    centre = table.folder / "xsc"
    allpoints("init", "--dir", centre, "--role", "secretariat", *NODES["secretariat"], "--ceremony")
    draft = table.draft(centre / "services.json")
    (table.folder / "other").write_text("another battery staple\n", encoding="utf-8")
    signed = ("sign", draft, "--key", table.folder / "Ines", "--out", table.folder / "signed.json")
    assert "does not open" in table.type(*signed, "--passphrase-file", table.folder / "other").err
    assert not (table.folder / "signed.json").exists()
    table.done(*signed, secret=True)


def test_a_file_that_was_altered_on_its_way_is_refused(table: Table, allpoints: Allpoints) -> None:
    centre = table.folder / "xsc"
    allpoints("init", "--dir", centre, "--role", "secretariat", *NODES["secretariat"], "--ceremony")
    table.holders()
    root = table.draft(centre / "services.json")
    other = table.folder / "altered.json"
    other.write_text(root.read_text(encoding="utf-8").replace('"threshold": 2', '"threshold": 1'), "utf-8")
    assert "says something else than the root in it" in table.type("show", other).err
    assert "approve nothing" in table.type(
        "approve", root, "--root", root, "--key", table.folder / "Ines", "--out", table.folder / "no"
    ).err  # fmt: skip
    table.done("show", root)


@pytest.mark.network
def test_a_network_that_people_hold_admits_with_as_many_approvals_as_it_takes(
    table: Table, town: Town
) -> None:
    centre, bureau = table.folder / "xsc", table.folder / "xav"
    port = str(free_ports(1)[0])
    asked = ("init", "--dir", "xsc", "--role", "secretariat", *NODES["secretariat"], "--ceremony")
    town.done(*asked, "--port", port)
    table.holders()
    draft, root = table.draft(centre / "services.json"), table.folder / "root.json"
    table.done("assemble", table.sign(draft, "Ines"), table.sign(draft, "Bram"), "--out", root)
    town.done("join", str(root), "--dir", "xsc")
    town.serve("xsc")
    town.done("init", "--dir", "xav", "--role", "bureau", *NODES["bureau"])
    request = bureau / "join-request.json"
    admit = ("member", "admit", str(request), "--out", "admission.json", "--dir", "xsc")
    refused = town.type(*admit)
    assert refused.code == 1
    assert "allpoints root approve" in refused.err
    one, two = (str(table.approve(request, root, name)) for name in ("Bram", "Cleo"))
    assert "it takes 2" in town.type(*admit, "--approval", one, "--approval", one).err
    town.done(*admit, "--approval", one, "--approval", two)
    town.done("join", "admission.json", "--dir", "xav")
