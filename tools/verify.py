"""Check a whole exported ledger without the program that made it: one file, the standard library and `cryptography`.

    python tools/verify.py FOLDER --policy POLICY [--authors AUTHORS]

FOLDER holds the files that `allpoints ledger export` writes, or that a mirror of `/log` fetched. Checked are every tile
(the full ones and those at the right edge), the root against the checkpoint, the log's signature and the witnesses'
cosignatures against the policy's quorum. If the folder has `contents`, also that each entry's bytes are those that its
commitment names, that every author's chain is whole, and that whatever is erased was ordered so by its author. With
AUTHORS, a file with a name, a base64 key and the first entry that it signs on each line, also every entry's two signatures and the relay's.

It shares no code with the package and is written from the reference page "log". Exits with 0 when all holds, else with 1
and one sentence.
"""

import argparse
import base64
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey

NOTE_LIMIT = 256 * 1024
POLICY_LIMIT = 256 * 1024
ENTRY_LIMIT = 4 * 1024 * 1024
SIZE_LIMIT = 2**63 - 1
ED25519, ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE = 1, 4, 6
KEY_BYTES = {ED25519: 32, ED25519_COSIGNATURE: 32, ML_DSA_44_COSIGNATURE: 1312}
ZEROS = bytes(32)
CLEAR_KINDS = frozenset(
    {
        "audience.epoch",
        "audit.anchored",
        "entries.erased",
        "member.admitted",
        "member.limited",
        "member.objected",
        "member.recovered",
        "member.recovering",
        "member.restored",
        "member.revoked",
        "member.rotated",
        "network.founded",
        "root.changed",
        "witness.announced",
        "witnesses.named",
    }
)


class UnsoundError(Exception):
    """Something does not hold; the message says what."""


def fail(sentence: str) -> NoReturn:
    raise UnsoundError(sentence)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        fail(f"{what} is not base64")
    if base64.b64encode(data).decode() != text:
        fail(f"{what} is not base64 in its one form")
    return data


def read_file(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")
    if len(data) > limit:
        fail(f"{path} is larger than {limit} bytes")
    return data


# -- policy and checkpoint


class Key(NamedTuple):
    """A verifier key of a signed note."""

    name: str
    kind: int
    key: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode(), b"\n", bytes((self.kind,)), self.key)[:4]


class Policy(NamedTuple):
    logs: list[Key]
    witnesses: dict[str, Key]
    groups: list[tuple[str, int, list[str]]]
    quorum: str


class Note(NamedTuple):
    origin: str
    size: int
    root: bytes
    text: bytes
    lines: list[tuple[str, bytes, bytes]]


def read_key(text: str) -> Key:
    matched = re.fullmatch(r"([!-*,-~]{1,128})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    data = unbase64(matched[3], "a verifier key") if matched else b""
    if not matched or len(data) - 1 != KEY_BYTES.get(data[0]):
        fail("the policy has a verifier key that cannot be read")
    key = Key(matched[1], data[0], data[1:])
    if key.id.hex() != matched[2]:
        fail(f"the key of {key.name} in the policy does not have the id that stands beside it")
    return key


def read_policy(path: Path) -> Policy:
    policy = Policy([], {}, [], "")
    names, quorum = {"none"}, list[str]()
    for line in read_file(path, POLICY_LIMIT).decode().split("\n"):
        match line.split():
            case []:
                continue
            case [word, *_] if word.startswith("#"):
                continue
            case ["log", vkey, *_]:
                policy.logs.append(read_key(vkey))
            case ["witness", name, vkey, *_] if name not in names:
                policy.witnesses[name] = read_key(vkey)
                names.add(name)
            case ["group", name, wanted, *members] if members and name not in names:
                if not names.issuperset(members) or "none" in members:
                    fail(f"the policy's group {name} has members that it does not name before")
                count = {"all": len(members), "any": 1}.get(wanted) or (
                    int(wanted) if wanted.isdecimal() else 0
                )
                if not 1 <= count <= len(members):
                    fail(f"the policy's group {name} asks for an impossible number")
                policy.groups.append((name, count, members))
                names.add(name)
            case ["quorum", name] if name in names and not quorum:
                quorum.append(name)
            case _:
                fail(f"the policy has a line that cannot be read: {line[:60]!r}")
    if not quorum:
        fail("the policy has no quorum")
    return policy._replace(quorum=quorum[0])


def read_note(data: bytes) -> Note:
    text = data.decode()
    body, gap, rest = text.partition("\n\n")
    lines = body.split("\n")
    if not gap or len(lines) != 3 or not rest.endswith("\n"):
        fail("the checkpoint is not origin, size, root, an empty line and signatures")
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]) or int(lines[1]) > SIZE_LIMIT:
        fail("the checkpoint's size is no number")
    root = unbase64(lines[2], "the checkpoint's root")
    if len(root) != 32:
        fail("the checkpoint's root has not 32 bytes")
    signatures = []
    for line in rest[:-1].split("\n"):
        matched = re.fullmatch(r"— ([!-*,-~]{1,128}) ([A-Za-z0-9+/=]+)", line)
        found = unbase64(matched[2], "a signature") if matched else b""
        if not matched or len(found) <= 4:
            fail("the checkpoint has a signature line that cannot be read")
        signatures.append((matched[1], found[:4], found[4:]))
    return Note(lines[0], int(lines[1]), root, (body + "\n").encode(), signatures)


def holds(key: Any, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signed(note: Note, key: Key, signature: bytes) -> bool:
    """Whether a key signed or cosigned the note."""
    if key.kind == ED25519:
        return holds(Ed25519PublicKey.from_public_bytes(key.key), signature, note.text)
    time, proper = signature[:8], signature[8:]
    if key.kind == ED25519_COSIGNATURE:
        message = b"cosignature/v1\ntime %d\n" % int.from_bytes(time, "big") + note.text
        return holds(Ed25519PublicKey.from_public_bytes(key.key), proper, message)
    name, origin = key.name.encode(), note.origin.encode()
    head = b"subtree/v1\n\0" + bytes((len(name),)) + name + time + bytes((len(origin),)) + origin
    message = head + bytes(8) + note.size.to_bytes(8, "big") + note.root
    return holds(MLDSA44PublicKey.from_public_bytes(key.key), proper, message)


def signs(note: Note, key: Key) -> bool:
    """Whether the note bears a key's line; a line of a known key that does not hold spoils the note."""
    for name, key_id, signature in note.lines:
        if (name, key_id) == (key.name, key.id):
            if not signed(note, key, signature):
                fail(f"the signature of {name} on the checkpoint does not hold")
            return True
    return False


def check_policy(note: Note, policy: Policy) -> list[str]:
    """Check log and quorum; gives the witnesses that cosigned."""
    # Each is looked at: a wrong line of a known key spoils the note, wherever it stands.
    logs = [key for key in policy.logs if key.name == note.origin and signs(note, key)]
    if not logs:
        fail("no log of the policy signed the checkpoint")
    cosigned = [name for name, key in policy.witnesses.items() if signs(note, key)]
    reached = {"none", *cosigned}
    for name, count, members in policy.groups:
        if len(reached.intersection(members)) >= count:
            reached.add(name)
    if policy.quorum not in reached:
        fail(f"the checkpoint is cosigned by {', '.join(cosigned) or 'nobody'}, which is no quorum")
    return cosigned


# -- tiles


def index_path(index: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*("x" + group for group in groups[:-1]), groups[-1]])


def tile(folder: Path, level: int | str, index: int, width: int, item: int) -> bytes:
    """A tile's bytes, of exactly the length that it must have."""
    part = "" if width == 256 else f".p/{width}"
    path = folder / "tile" / str(level) / (index_path(index) + part)
    data = read_file(path, 256 * item)
    if len(data) != width * item:
        fail(f"{path} has {len(data)} bytes, not {width * item}")
    return data


def tiles(folder: Path, level: int | str, count: int, item: int) -> Iterator[bytes]:
    for index in range(-(-count // 256)):
        yield tile(folder, level, index, min(256, count - 256 * index), item)


def merkle_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 section 2.1 over subtree roots."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\x01", merkle_root(hashes[:split]), merkle_root(hashes[split:]))


def check_tiles(folder: Path, note: Note) -> list[bytes]:
    """Compute every tile and the root from the leaves' data; gives that data."""
    leaves: list[bytes] = []
    for data in tiles(folder, "entries", note.size, 34):
        for at in range(0, len(data), 34):
            if data[at : at + 2] != b"\x00\x20":
                fail(f"the data of leaf {len(leaves)} has not 32 bytes")
            leaves.append(data[at + 2 : at + 34])
    hashes = [sha256(b"\x00", leaf) for leaf in leaves]
    level, peaks = 0, []
    while hashes:
        stored = b"".join(tiles(folder, level, len(hashes), 32))
        if stored != b"".join(hashes):
            fail(f"the tiles of level {level} are not those of the leaves")
        full = len(hashes) // 256 * 256
        peaks.append(hashes[full:])
        hashes = [merkle_root(hashes[at : at + 256]) for at in range(0, full, 256)]
        level += 1
    root = root_of(peaks)
    if root != note.root:
        fail("the tiles do not lead to the root in the checkpoint")
    return leaves


def root_of(peaks: list[list[bytes]]) -> bytes:
    """The root from what stands at the right edge of each level, lowest level first."""
    below: bytes | None = None
    for row in peaks:
        # Complete subtrees of falling size, the largest leftmost; what lies right of them is hashed in from below.
        parts, rest = [], row
        while rest:
            size = 1 << (len(rest).bit_length() - 1)
            parts.append(merkle_root(rest[:size]))
            rest = rest[size:]
        for part in reversed(parts):
            below = part if below is None else sha256(b"\x01", part, below)
    return below if below is not None else sha256()


# -- entries


class Reader:
    """Canonical CBOR: integers from 0, byte strings, texts and lists."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def whole(self) -> Any:
        value = self.value()
        if self.at != len(self.data):
            fail("there is something after the end of an entry")
        return value

    def value(self) -> Any:
        first = self.take(1)[0]
        major, low = first >> 5, first & 31
        if low > 27:
            fail("an entry has a length that is not stated")
        count = low if low < 24 else int.from_bytes(self.take(1 << (low - 24)), "big")
        if low >= 24 and count < (24 if low == 24 else 1 << (4 << (low - 24))):
            fail("an entry has a number that is longer than it need be")
        if major == 0:
            return count
        if major == 2:
            return self.take(count)
        if major == 3:
            return self.take(count).decode()
        if major == 4:
            return [self.value() for _ in range(count)]
        fail("an entry has a value that entries do not have")

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            fail("an entry is cut off")
        taken = self.data[self.at : self.at + size]
        self.at += size
        return taken


def encode(value: Any) -> bytes:
    """The canonical bytes of a value as ``Reader`` reads them."""
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(0, value)


def head(major: int, count: int) -> bytes:
    if count < 24:
        return bytes((major << 5 | count,))
    for low, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if count < 1 << (8 * size):
            return bytes((major << 5 | low,)) + count.to_bytes(size, "big")
    fail("a number is too large")


class Hybrid(NamedTuple):
    """An author's two public keys."""

    ed25519: bytes
    ml_dsa_65: bytes

    def verify(self, label: bytes, message: bytes, halves: list[bytes]) -> bool:
        framed = b"allpoints/hybrid-signature/1" + bytes((len(label),)) + label + message
        first = holds(Ed25519PublicKey.from_public_bytes(self.ed25519), halves[0], framed)
        return first and holds(MLDSA65PublicKey.from_public_bytes(self.ml_dsa_65), halves[1], framed)


Authors = dict[str, list[tuple[int, Hybrid | None]]]
"""Of each author the entries from which on a key signs, or none any more."""


def read_authors(path: Path) -> Authors:
    authors: Authors = {}
    *lines, rest = read_file(path, 64 * 1024 * 1024).decode().split("\n")
    if rest:
        fail("the last line of the authors is not ended")
    for line in lines:
        name, text, first = line.split(" ") if line.count(" ") == 2 else ("", "", "")
        if not re.fullmatch("[1-9][0-9]{0,18}", first):
            fail("a line of the authors is not a name, a key and the first entry that it signs")
        keys = authors.setdefault(name, [])
        raw = b"" if text == "-" and keys else unbase64(text, f"the key of {name}")
        if text != "-" and len(raw) != 32 + 1952:
            fail(f"the key of {name} has not its one length")
        if int(first) <= keys[-1][0] if keys else int(first) != 1:
            fail(f"the keys of {name} are not in their order, the first one from entry 1 on")
        keys.append((int(first), Hybrid(raw[:32], raw[32:]) if raw else None))
    return authors


class Chains:
    """The entries in their order: each against its commitment, each author's against the one before."""

    def __init__(self, authors: Authors | None) -> None:
        self.authors = authors
        self.ends: dict[str, tuple[int, bytes]] = {}
        self.facts: dict[bytes, tuple[str, int, bytes]] = {}
        self.erased: set[bytes] = set()
        self.ordered: set[bytes] = set()
        self.rotated: set[tuple[str, int]] = set()
        self.decided: set[int] = set()
        self.signatures = 0

    def take(self, seq: int, data: bytes, commitment: bytes) -> None:
        try:
            self._take(seq, data, commitment)
        except (TypeError, ValueError, IndexError, KeyError, RecursionError):
            fail(f"entry {seq} cannot be read")
        except UnsoundError as unsound:
            fail(f"entry {seq}: {unsound}")

    def _take(self, seq: int, data: bytes, commitment: bytes) -> None:
        parts = Reader(data).whole()
        if len(parts) == 6:
            facts, previous = parts[:5], None
            digest = parts[5]
        else:
            header = Reader(parts[0]).whole()
            _, id_, kind, author, _, number, previous, sealing, _ = header
            facts, digest = [id_, kind, author, number, sealing], sha256(data)
        if sha256(b"allpoints/commitment/1", encode([*facts, digest])) != commitment:
            fail("its bytes are not those that the ledger's leaf commits to")
        id_, kind, author, number, sealing = facts
        if id_ in self.facts or (sealing and kind in CLEAR_KINDS):
            fail(f"another entry has the same id, or an entry for everybody ({kind}) is sealed")
        last, end = self.ends.get(author, (0, ZEROS))
        if number != last + 1 or previous not in {None, end}:
            fail(f"it does not go on from the last entry of {author}")
        if previous is None:
            if sealing != 1:
                fail("it is erased, and was not sealed")
            self.erased.add(id_)
        else:
            self._verify(seq, author, parts)
            if kind == "member.rotated":
                self.rotated.add((author, seq + 1))
            if kind in {"member.revoked", "member.recovered"}:
                # By the secretariat; whether it was about this author stands in the entry, and is for whoever folds it.
                self.decided.add(seq + 1)
            if kind == "root.changed":
                # The secretariat's next key signs from the next entry on, its relay's the checkpoint of this one.
                self.rotated |= {(author, seq + 1), (f"{author}/relay", seq)}
            if kind == "entries.erased":
                self._order(author, parts[2])
        self.ends[author] = (number, commitment)
        self.facts[id_] = (author, sealing, commitment)

    def _verify(self, seq: int, author: str, parts: list[Any]) -> None:
        if self.authors is None:
            return
        message = b"".join(sha256(part) for part in parts[:3])
        # A key signs until the next one of the same author does.
        _, key = max((one for one in self.authors.get(author, []) if one[0] <= seq), default=(0, None))
        if key is None or not key.verify(b"allpoints/entry/1", message, parts[3]):
            fail(f"it is not signed by the key that {author} had then")
        self.signatures += 1

    def _order(self, author: str, body: bytes) -> None:
        for id_, commitment in Reader(body).whole():
            if self.facts.get(id_) != (author, 1, commitment):
                fail("it orders something to be erased that is no earlier sealed entry of its author")
            if id_ not in self.erased:
                fail("what it orders to be erased is still there")
            self.ordered.add(id_)

    def finish(self) -> None:
        if self.erased - self.ordered:
            fail(f"{len(self.erased - self.ordered)} entries are erased without an order of their author")
        later = {(name, one[0]) for name, keys in (self.authors or {}).items() for one in keys[1:]}
        for name, first in later - self.rotated:
            if first <= len(self.facts) + 1 and first not in self.decided:
                fail(f"{name} did not change its key with entry {first - 1}")


def contents(folder: Path, size: int) -> Iterator[bytes]:
    """The entries' bytes in order, from files of 256, each after its length in four bytes."""
    for index in range(-(-size // 256)):
        data = read_file(folder / "contents" / index_path(index), 256 * (ENTRY_LIMIT + 4))
        at, wanted = 0, min(256, size - 256 * index)
        for _ in range(wanted):
            end = at + 4 + int.from_bytes(data[at : at + 4], "big")
            if at + 4 > len(data) or end > len(data):
                fail(f"the contents of entries {256 * index + 1} to {256 * index + wanted} are cut off")
            yield data[at + 4 : end]
            at = end
        if at != len(data):
            fail(f"there is something after entry {256 * index + wanted} in its file")


def check_relay(note: Note, authors: Authors) -> None:
    """Check the relay's own two lines, which stand under the ledger's name."""
    found = {(name, key_id): signature for name, key_id, signature in note.lines}
    for keys in (keys for name, keys in authors.items() if name.endswith("/relay")):
        for _, key in [one for one in keys if one[0] <= max(1, note.size)][-1:]:
            if key is None:
                continue
            ids = [
                sha256(note.origin.encode(), b"\n\xffallpoints/checkpoint/1/", half, raw)[:4]
                for half, raw in ((b"ed25519", key.ed25519), (b"ml-dsa-65", key.ml_dsa_65))
            ]
            halves = [found.get((note.origin, key_id)) for key_id in ids]
            if halves[0] and halves[1]:
                if key.verify(b"allpoints/checkpoint/1", note.text, [halves[0], halves[1]]):
                    return
                fail("the relay's signatures on the checkpoint do not hold")
    fail("the relay did not sign the checkpoint with a key among the authors")


def verify(folder: Path, policy_path: Path, authors_path: Path | None) -> Iterator[str]:
    policy = read_policy(policy_path)
    note = read_note(read_file(folder / "checkpoint", NOTE_LIMIT))
    cosigned = check_policy(note, policy)
    yield f"checkpoint: {note.origin}, {note.size} entries, signed by its log, cosigned by {len(cosigned)}"
    authors = read_authors(authors_path) if authors_path else None
    if authors is not None:
        check_relay(note, authors)
        yield "checkpoint: signed by the relay"
    leaves = check_tiles(folder, note)
    yield f"tiles: all there, {note.size} leaves lead to the root"
    if (folder / "contents").is_dir():
        chains = Chains(authors)
        for seq, (data, commitment) in enumerate(zip(contents(folder, note.size), leaves, strict=True), 1):
            chains.take(seq, data, commitment)
        chains.finish()
        yield f"entries: {note.size} as committed to, {len(chains.erased)} erased by order, {len(chains.ends)} chains"
        yield (
            f"signatures of authors: {chains.signatures} hold"
            if authors
            else "signatures of authors: not looked at"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="Check a whole exported ledger.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--policy", type=Path, required=True)
    parser.add_argument("--authors", type=Path)
    given = parser.parse_args()
    try:
        for line in verify(given.folder, given.policy, given.authors):
            print(line)
    except UnsoundError as unsound:
        print(f"NOT SOUND: {unsound}", file=sys.stderr)
        return 1
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        print(f"NOT SOUND: a file cannot be read: {error}", file=sys.stderr)
        return 1
    print("sound")
    return 0


if __name__ == "__main__":
    sys.exit(main())
