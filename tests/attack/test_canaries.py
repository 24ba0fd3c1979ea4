"""Words looked for on the relay's disk and in its process's memory, while real processes carry and read them.

The relay runs in the secretariat's process, so what is not found in that memory is found nowhere in the relay's. The
secretariat's own desk is a reader like any other, and by default an addressee of records: it is excluded from the record
here, so that no word has a reader in that process. What the process may hold, by design, is what it is sent to read.
"""

import base64
import secrets
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from tests.cli.processes import Town, free_ports, until

pytestmark = pytest.mark.network

MEMBERS = {"xav": "Bureau of Arvandia", "xbm": "Bureau of Belmora"}
SECONDS = 90.0
"""A file for which the relay was asked too early is asked for again after a while."""
PIECE_BYTES = 1 << 20
OVERLAP_BYTES = 256
"""More than a canary's longest spelling, so that none is cut in two."""


def letters(count: int) -> str:
    return "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(count))


STEM = letters(12)
"""How all canaries of this run begin: one search finds whether there is any."""
LETTER, FILE, RECORD, WAITING = (STEM + letters(8) for _ in range(4))


def spellings(word: str) -> set[bytes]:
    """The word with one and two bytes a letter, in small and capital letters, and each in base64 wherever it begins."""
    texts = [form.encode(code) for form in (word, word.upper()) for code in ("utf-8", "utf-16-le")]
    # The first and the last signs of base64 also hold bits of what stands beside the word.
    coded = [
        base64.b64encode(bytes(shift) + text)[skipped : (shift + len(text)) // 3 * 4]
        for text in texts
        for shift, skipped in ((0, 0), (1, 2), (2, 3))
    ]
    return {*texts, *coded, *(one.replace(b"+", b"-").replace(b"/", b"_") for one in coded)}


def found_in(*places: Iterable[bytes]) -> set[str]:
    """Which canaries can be read in what is given piece by piece."""
    any_form = spellings(STEM)
    forms = {word: spellings(word) for word in (LETTER, FILE, RECORD, WAITING)}
    found, rest = set(), b""
    for piece in chain(*places):
        text = rest + piece
        if any(form in text for form in any_form):
            found |= {word for word in forms if any(form in text for form in forms[word])}
        rest = piece[-OVERLAP_BYTES:]
    return found


def disk(folder: Path) -> Iterator[bytes]:
    """All files of a folder, write-ahead logs and all."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.read_bytes()


def memory(process: int) -> Iterator[bytes]:
    """All that a process can read of itself."""
    with (
        Path(f"/proc/{process}/maps").open() as maps,
        Path(f"/proc/{process}/mem").open("rb", buffering=0) as mem,
    ):
        for line in maps:
            span, rights, *_ = line.split()
            if not rights.startswith("r") or line.rstrip().endswith(
                ("[vvar]", "[vsyscall]", "[vvar_vclock]")
            ):
                continue
            start, end = (int(edge, 16) for edge in span.split("-"))
            for at in range(start, end, PIECE_BYTES):
                try:
                    mem.seek(at)
                    yield mem.read(min(PIECE_BYTES, end - at))
                except OSError:  # a page of a mapped file that is shorter than its map, or gone since
                    continue


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("canaries"))
    ports = [str(port) for port in free_ports(3)]
    try:
        made.done(
            *("init", "--dir", "xsc", "--role", "secretariat", "--name", "XSC", "--port", ports[0]),
            *("--label", "General Secretariat", "--network", "canary.example"),
        )
        made.serve("xsc")
        for (node, label), port in zip(MEMBERS.items(), ports[1:], strict=True):
            made.done(
                *("init", "--dir", node, "--role", "bureau", "--name", node.upper()),
                *("--label", label, "--port", port),
            )
            made.done("member", "admit", f"{node}/join-request.json", "--out", f"{node}.json", "--dir", "xsc")
            made.done("join", f"{node}.json", "--dir", node)
            made.serve(node)
        yield made
    finally:
        made.close()


def send(town: Town, text: str, attached: str) -> str:
    """A letter with a file from XAV to XBM; its reference."""
    (town.folder / "attached.txt").write_text(attached, encoding="utf-8")
    words = ("--subject", "A question", "--text", text, "--attach", "attached.txt")
    return str(
        town.done("message", "send", "--to", "XBM", *words, "--dir", "xav", "--json").json["reference"]
    )


def fetched(town: Town, reference: str) -> bool:
    """Whether XBM has read the letter and saved its file in a folder of its own."""
    folder = town.folder / f"saved-{reference[:6]}"
    folder.mkdir(exist_ok=True)
    fetch = ("message", "fetch", reference, "--to", folder.name, "--dir", "xbm")
    return town.type("message", "read", reference, "--dir", "xbm").code == 0 and town.type(*fetch).code == 0


def carry(town: Town) -> tuple[str, str]:
    """A letter, its file and a record go from XAV to XBM and are read; another letter and its file wait at the relay."""
    first = send(town, f"What of {LETTER}?", f"On {FILE} and others")
    assert until(lambda: fetched(town, first), SECONDS)
    person = (
        *("source_ref=P-1", f"family_name={RECORD}", "given_names=Tomas", "sex=M", "birth_date=1979-03-14"),
        *("nationalities=XAV", "status_of_person=wanted"),
    )
    town.done("record", "enter", "persons", *person, "--exclude", "XSC", "--dir", "xav")
    asked = ("search", RECORD, "--register", "persons", "--dir", "xbm")
    assert until(lambda: STEM.upper() in town.done(*asked).out.upper())
    assert town.stop("xbm") == 0
    waiting = send(town, f"And what of {WAITING}?", f"On {WAITING} too")
    read = ("message", "read", waiting, "--dir", "xav", "--json")
    assert until(lambda: town.done(*read).json["files"][0]["state"] == "left")
    return first, waiting


def own_memory(process: int) -> Iterator[bytes]:
    try:
        with Path(f"/proc/{process}/mem").open("rb"):
            pass
    except OSError as error:
        pytest.skip(f"this system does not let a test read the memory of a process that it started: {error}")
    return memory(process)


def at_reader(town: Town, letter: str) -> set[str]:
    """What can be read at XBM, which keeps letters sealed on its disk: one is in its memory when it was just asked for."""
    town.done("message", "read", letter, "--dir", "xbm")
    saved = [disk(folder) for folder in town.folder.glob("saved-*")]
    return found_in(disk(town.folder / "xbm"), *saved, own_memory(town.running["xbm"].pid))


def test_no_word_is_found_on_the_relays_disk_or_in_its_memory_and_each_is_at_its_reader(town: Town) -> None:
    first, waiting = carry(town)
    relay = town.running["xsc"].pid
    assert found_in(disk(town.folder / "xsc"), [town.log("xsc").encode()]) == set()
    assert found_in(own_memory(relay)) == set()
    town.serve("xbm")
    assert until(lambda: fetched(town, waiting), SECONDS)
    assert found_in(disk(town.folder / "xsc"), own_memory(relay)) == set()
    assert until(lambda: at_reader(town, first) == {LETTER, FILE, RECORD, WAITING}, SECONDS)


@pytest.mark.parametrize("code", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("shift", range(3))
def test_the_search_finds_a_word_however_it_is_written_and_wherever_it_is_cut(code: str, shift: int) -> None:
    for text in (f"{'.' * shift}{LETTER}, and", f"{'.' * shift}{LETTER.upper()}"):
        for form in (text.encode(code), base64.b64encode(text.encode(code))):
            assert found_in([form]) == {LETTER}
            assert found_in([b"before" + form[:9], form[9:]]) == {LETTER}
            assert found_in([form[:9], b"between", form[9:]]) == set()
