"""The page about rotating a bureau's keys, typed: next keys taken away, brought back and used, and the post admitted again."""

import re
import subprocess

import pytest
from tests.cli.processes import Town, until
from tests.docs.pages import blocks
from tests.docs.test_loss_of_a_handheld import town
from tools.tree import DOCS

pytestmark = pytest.mark.network

PAGE = DOCS / "how-to/rotate-a-key.md"
USED, MADE = "next-keys-0123456789abcdef.cbor", "next-keys-fedcba9876543210.cbor"

__all__ = ["town"]


def lines() -> list[str]:
    typed = "".join(block.text for block in blocks(PAGE) if block.language == "console")
    return [line.removeprefix("$ ") for line in typed.splitlines() if line]


def the_next(town: Town, folder: str) -> str:
    (found,) = (town.folder / folder).glob("next-keys-*.cbor")
    return found.name


def shell(town: Town, line: str) -> None:
    subprocess.run(["/bin/sh", "-c", line], cwd=town.folder, check=True)


def test_a_bureau_rotates_as_its_page_says_and_its_post_comes_back(town: Town) -> None:
    for safe in ("safe-1", "safe-2"):
        (town.folder / safe).mkdir(mode=0o700)
    (town.folder / "airport.json").unlink()
    before = town.done("keys", "show", "--json", "--dir", "xav").json
    assert until(lambda: town.done("status", "--json", "--dir", "xav").json["health"]["waiting"] == 0)
    used = the_next(town, "xav")
    for line in lines():
        at = line.replace("/media/", "").replace(USED, used)
        if MADE in at:
            at = at.replace(
                MADE, next(one.name for one in (town.folder / "xav").glob("next-keys-*") if one.name != used)
            )
        if "rotate" in at:
            town.stop("xav")
        if re.match("allpoints join", at):
            town.stop("airport")
        if not at.startswith("allpoints "):
            shell(town, at)
        elif at == "allpoints serve --dir xav":
            town.serve("xav")
        else:
            town.done(*at.split(" ")[1:])
    after = town.done("keys", "show", "--json", "--dir", "xav").json
    assert after["signs_with"] != before["signs_with"]
    assert (town.folder / "safe-2" / the_next(town, "safe-2")).stat().st_mode & 0o777 == 0o600
    town.serve("airport")
    assert until(lambda: town.done("status", "--json", "--dir", "airport").json["health"]["line"])
    assert until(lambda: town.done("status", "--json", "--dir", "xav").json["health"]["line"])
