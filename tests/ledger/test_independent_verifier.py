"""The verifier that shares no code with the package accepts a sound export and refuses every kind of damage."""

import base64
import importlib.util
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from allpoints.identity.keys import SigningKey
from allpoints.identity.witness_key import WitnessKey
from allpoints.ledger import appending, checkpoint, publishing, store
from allpoints.ledger.cosignature import cosign, with_lines, witness_vkey
from allpoints.ledger.erasing import ERASED, Named, order_body
from allpoints.ledger.log_key import LogKey
from allpoints.ledger.merkle import Frontier
from allpoints.ledger.policy import Log, Witness, majority
from allpoints.ledger.stub import read, stub_of
from allpoints.sealing.audience_tree import WRAP_BYTES, Audience

if TYPE_CHECKING:
    from tests.ledger.conftest import Network

WRAPS = Audience(bytes(16), b"".join(bytes((number,)) * WRAP_BYTES for number in range(16)))
PROGRAM = Path(__file__).parents[2] / "tools" / "verify.py"
ORIGIN = "ledger.allpoints.example"
NOW_MS = 1_790_000_000_000
KEY = LogKey(bytes(32))
WITNESSES = [("example/xav", WitnessKey(bytes(32))), ("example/xbm", WitnessKey(b"\x01" * 32))]
SEEN_S = 1_790_000_000


def quiet(_done: int, _total: int) -> None:
    """Tell nobody."""


def ledger(network: "Network") -> sqlite3.Connection:
    """Nine entries of two authors, two of them erased by order, under a checkpoint with cosignatures."""
    db = network.database()
    one, other = network.author(), network.author("XBM")
    entries = [one.write(b"sealed %d" % at, WRAPS) for at in range(3)]
    entries += [other.write(b"clear"), other.write(b"sealed", WRAPS)]
    named = [Named(entry.header.id, entry.commitment) for entry in entries[1:3]]
    entries += [one.write(order_body(named), kind=ERASED), one.write(b"later"), other.write(b"last")]
    for entry in entries:
        appending.append(db, entry.encoded, network.author_key, NOW_MS)
    seal(network, db)
    return db


def seal(network: "Network", db: sqlite3.Connection) -> None:
    text = appending.seal_checkpoint(db, ORIGIN, network.relay, KEY)
    point, _ = checkpoint.parse(text)
    lines = [cosign(point, name, key, SEEN_S) for name, key in WITNESSES]
    store.keep_checkpoint(db, store.frontier(db), with_lines(text, lines))


def authors(network: "Network") -> str:
    keys = {name: key.public for name, key in network.keys.items()} | {"XSC/relay": network.relay.public}
    return "".join(f"{name} {base64.b64encode(key.to_bytes()).decode()} 1\n" for name, key in keys.items())


def export(network: "Network", db: sqlite3.Connection, folder: Path, quorum: int = 2) -> Path:
    """An exported folder, with policy and authors beside the files."""
    publishing.export(db, folder, quiet, contents=True)
    named = [Witness(name[-3:], witness_vkey(name, key)) for name, key in WITNESSES]
    policy = majority([Log(KEY.vkey(ORIGIN))], named, quorum)
    (folder / "policy.txt").write_bytes(policy.to_bytes())
    (folder / "authors.txt").write_text(authors(network))
    return folder


@pytest.fixture(scope="module")
def folder(network: "Network", tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(network, ledger(network), tmp_path_factory.mktemp("exported"))


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("independent", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The program as anybody runs it, without the package on its path."""
    return subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(folder), "--policy", str(folder / "policy.txt"), *options],
        capture_output=True,
        text=True,
        check=False,
    )


def sound(program: ModuleType, folder: Path) -> bool:
    """The same in this process, for thousands of trials."""
    try:
        list(program.verify(folder, folder / "policy.txt", folder / "authors.txt"))
    except (program.UnsoundError, UnicodeDecodeError, ValueError, RecursionError):
        return False
    return True


def test_it_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    words = [
        line.split() for line in PROGRAM.read_text().splitlines() if line.startswith(("import ", "from "))
    ]
    foreign = {line[1].split(".")[0] for line in words} - set(sys.stdlib_module_names)
    assert foreign == {"cryptography"}


def test_a_sound_export_is_accepted_as_a_process(folder: Path) -> None:
    done = run(folder, "--authors", str(folder / "authors.txt"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "8 entries, signed by its log, cosigned by 2" in done.stdout
    assert "2 erased by order" in done.stdout
    assert "signatures of authors: 6 hold" in done.stdout
    assert run(folder).returncode == 0


def test_tiles_alone_are_accepted_without_contents(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "tiles", ignore=shutil.ignore_patterns("contents"))
    done = run(tmp_path / "tiles")
    assert done.returncode == 0
    assert "entries:" not in done.stdout


def test_damage_is_refused_as_a_process_with_a_sentence(folder: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(folder, tmp_path / "damaged")
    tile = damaged / "tile" / "0" / "000.p" / "8"
    tile.write_bytes(bytes(len(tile.read_bytes())))
    done = run(damaged)
    assert done.returncode == 1
    assert done.stderr.startswith("NOT SOUND: the tiles of level 0")


def damages(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Files with one byte altered: all of the small ones, and a hundred places in each large one."""
    chance = Random(4)
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "policy.txt"):
        whole = path.read_bytes()
        few = len(whole) <= 400
        places = range(len(whole)) if few else sorted(chance.sample(range(len(whole)), 100))
        for at in places:
            yield path, whole[:at] + bytes((whole[at] ^ (1 << chance.randrange(8)),)) + whole[at + 1 :]


def test_no_flipped_bit_in_any_file_is_accepted(program: ModuleType, folder: Path, tmp_path: Path) -> None:
    """Only the keys of authors who signed nothing here may be altered: nothing hangs on them."""
    trial = shutil.copytree(folder, tmp_path / "trial")
    assert sound(program, trial)
    accepted, tried = [], 0
    unused = (trial / "authors.txt").read_text().index("XSC ")
    end = (trial / "authors.txt").read_text().index("XSC/relay")
    for path, altered in damages(trial):
        whole = path.read_bytes()
        place = next(at for at in range(len(whole)) if whole[at] != altered[at])
        if path.name == "authors.txt" and unused <= place < end:
            continue
        path.write_bytes(altered)
        tried += 1
        if sound(program, trial):
            accepted.append((str(path.relative_to(trial)), place))
        path.write_bytes(whole)
    assert accepted == []
    assert tried > 500
    assert sound(program, trial)


@pytest.mark.parametrize("kind", ["cut", "longer", "missing"])
def test_no_file_may_be_cut_lengthened_or_missing(
    program: ModuleType, folder: Path, tmp_path: Path, kind: str
) -> None:
    trial = shutil.copytree(folder, tmp_path / "trial")
    for path in [path for path in trial.rglob("*") if path.is_file() and path.name != "policy.txt"]:
        whole = path.read_bytes()
        if kind == "missing":
            path.unlink()
        else:
            path.write_bytes(whole[:-1] if kind == "cut" else whole + b"\n\x00")
        assert not sound(program, trial), path
        path.write_bytes(whole)
    assert sound(program, trial)


def test_a_policy_of_another_log_or_with_a_larger_quorum_is_not_met(
    network: "Network", program: ModuleType, folder: Path, tmp_path: Path
) -> None:
    trial = shutil.copytree(folder, tmp_path / "trial")
    vkeys = [witness_vkey(name, key).text() for name, key in WITNESSES]
    absent = witness_vkey("example/xcs", WitnessKey(b"\x02" * 32)).text()
    own = KEY.vkey(ORIGIN).text()
    three = f"log {own}\nwitness a {vkeys[0]}\nwitness b {vkeys[1]}\nwitness c {absent}\n"
    for text, wanted in (
        (f"log {own}\nquorum none\n", True),
        (f"log {LogKey(b'x' * 32).vkey(ORIGIN).text()}\nquorum none\n", False),
        (f"log {LogKey(b'x' * 32).vkey(ORIGIN).text()}\nlog {own}\nquorum none\n", True),
        (f"{three}group g 2 a b c\nquorum g\n", True),
        (f"{three}group g all a b c\nquorum g\n", False),
        (f"{three}group g any a b\ngroup h all g c\nquorum h\n", False),
        (f"{three}quorum c\n", False),
        ("quorum none\n", False),
        (f"log {own}\n", False),
        (f"log {own}\nquorum nobody\n", False),
    ):
        (trial / "policy.txt").write_text(text)
        assert sound(program, trial) == wanted, text


def test_a_relay_that_erases_without_an_order_is_refused(
    network: "Network", program: ModuleType, tmp_path: Path
) -> None:
    db = ledger(network)
    assert sound(program, export(network, db, tmp_path / "good"))
    row = db.execute("SELECT bytes FROM ledger_entries WHERE seq = 5").fetchone()
    store.erase(db, stub_of(read(row[0])))
    assert not sound(program, export(network, db, tmp_path / "bad"))


def test_bytes_that_should_be_erased_are_found(
    network: "Network", program: ModuleType, tmp_path: Path
) -> None:
    db = network.database()
    author = network.author()
    entry = author.write(b"sealed", WRAPS)
    order = author.write(order_body([Named(entry.header.id, entry.commitment)]), kind=ERASED)
    for one in (entry, order):
        appending.append(db, one.encoded, network.author_key, NOW_MS)
    seal(network, db)
    db.execute("UPDATE ledger_entries SET bytes = ? WHERE seq = 1", (entry.encoded,))
    assert not sound(program, export(network, db, tmp_path / "bad"))
    db.execute("UPDATE ledger_entries SET bytes = ? WHERE seq = 1", (stub_of(entry).encoded,))
    assert sound(program, export(network, db, tmp_path / "good"))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_trees_of_many_shapes_are_computed_alike(
    network: "Network", program: ModuleType, tmp_path: Path, size: int
) -> None:
    db, author = network.database(), network.author()
    network.hold(db, [author.unsigned() for _ in range(size)])
    seal(network, db)
    folder = export(network, db, tmp_path)
    note = program.read_note((folder / "checkpoint").read_bytes())
    assert len(program.check_tiles(folder, note)) == size
    tree = Frontier()
    for leaf in store.leaves(db, 1, size):
        tree = tree.append(leaf)
    assert note.root == tree.root()


def test_entries_are_signed_by_the_key_that_their_author_had_at_that_place(
    network: "Network", program: ModuleType, tmp_path: Path
) -> None:
    """The third entry changes the key; nothing else than that place is accepted for it, and neither key for both."""
    db, author, following = network.database(), network.author(), SigningKey.generate()
    entries = [author.write(b"before"), author.write(b"before"), author.write(b"new", kind="member.rotated")]
    author.key = following
    network.hold(db, [*entries, author.write(b"after")])
    seal(network, db)
    trial = export(network, db, tmp_path)
    old, new = (
        base64.b64encode(key.to_bytes()).decode() for key in (network.keys["XAV"].public, following.public)
    )
    rest = authors(network).partition("\n")[2]
    for lines, wanted in (
        ([f"XAV {old} 1", f"XAV {new} 4"], True),
        ([f"XAV {old} 1"], False),
        ([f"XAV {new} 1"], False),
        ([f"XAV {old} 1", f"XAV {new} 3"], False),
        ([f"XAV {old} 1", f"XAV {new} 5"], False),
        ([f"XAV {new} 1", f"XAV {old} 4"], False),
        ([f"XAV {new} 4", f"XAV {old} 1"], False),
        ([f"XAV {old} 2", f"XAV {new} 4"], False),
        ([f"XAV {old}", f"XAV {new} 4"], False),
    ):
        (trial / "authors.txt").write_text("\n".join([*lines, rest]))
        assert sound(program, trial) == wanted, [line[-6:] for line in lines]


def test_a_checkpoint_is_signed_by_the_relays_key_from_the_change_of_the_root_on(
    network: "Network", program: ModuleType, tmp_path: Path
) -> None:
    """The third entry replaces the keys of its author and of its author's relay, which signs that checkpoint already."""
    db, author, following, relay = (
        network.database(),
        network.author(),
        SigningKey.generate(),
        SigningKey.generate(),
    )
    entries = [author.write(b"before"), author.write(b"before"), author.write(b"new", kind="root.changed")]
    author.key = following
    network.hold(db, [*entries, author.write(b"after")])
    tree = store.frontier(db)
    point = checkpoint.Checkpoint(ORIGIN, tree.size, tree.root())
    lines = [cosign(point, name, key, SEEN_S) for name, key in WITNESSES]
    store.keep_checkpoint(db, tree, with_lines(checkpoint.sign(point, relay) + KEY.sign(point), lines))
    trial = export(network, db, tmp_path)
    own, new, before, after = (
        base64.b64encode(key.to_bytes()).decode()
        for key in (network.keys["XAV"].public, following.public, network.relay.public, relay.public)
    )
    for since, wanted in ((3, True), (2, False), (4, False), (5, False)):
        keys = [f"XAV {own} 1", f"XAV {new} 4", f"XAV/relay {before} 1", f"XAV/relay {after} {since}", ""]
        (trial / "authors.txt").write_text("\n".join(keys))
        assert sound(program, trial) == wanted, since
    (trial / "authors.txt").write_text("\n".join([*keys[:3], ""]))
    assert not sound(program, trial)
