"""Whom to believe about the ledger: a policy file (c2sp.org/tlog-policy) names logs, witnesses and their quorum.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>

A policy of this network must hold more than the format asks: any two sets of witnesses that reach its quorum share
one (``overlaps``). With a single group that says the quorum exceeds half. Otherwise half of the witnesses could
honestly cosign one history and the other half another, and both would pass for witnessed.
"""

import re
from collections.abc import Callable, Collection, Sequence

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.ledger import cosignature, vkey
from allpoints.ledger.checkpoint import Checkpoint, SignatureLine, parse
from allpoints.ledger.vkey import VKey

POLICY_LIMIT_BYTES = 256 * 1024
LINES_LIMIT = 1_024
LOGS_LIMIT = WITNESSES_LIMIT = GROUPS_LIMIT = 32
NAME_LIMIT_BYTES = 128
URL_LIMIT_BYTES = 1_024
FAULTS_LIMIT = 20
NONE = "none"
"""The quorum that asks for nobody."""

_OCTETS = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_GAP = re.compile(r"[ \t]+")
_THRESHOLD = re.compile(r"[1-9][0-9]?")
_LOG_KINDS = frozenset({vkey.ED25519, vkey.ML_DSA_44_COSIGNATURE})
_WITNESS_KINDS = frozenset({vkey.ED25519_COSIGNATURE, vkey.ML_DSA_44_COSIGNATURE})


class Log(msgspec.Struct, frozen=True):
    """A log whose checkpoints count; its key's name is the checkpoints' origin."""

    vkey: VKey
    url: str = ""


class Witness(msgspec.Struct, frozen=True):
    """A witness whose cosignatures count, under a name that means something in this policy alone."""

    name: str
    vkey: VKey
    url: str = ""


class Group(msgspec.Struct, frozen=True):
    """Witnesses and groups named before; it has witnessed what at least ``threshold`` of them have."""

    name: str
    threshold: int
    members: tuple[str, ...]


class Policy(msgspec.Struct, frozen=True):
    """Which checkpoint to believe: signed by one of ``logs``, cosigned so that ``quorum`` has witnessed it."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def to_bytes(self) -> bytes:
        """The file; ``read`` reads it back."""
        lines = [f"log {one.vkey.text()} {one.url}".rstrip() for one in self.logs]
        lines += [f"witness {one.name} {one.vkey.text()} {one.url}".rstrip() for one in self.witnesses]
        lines += [f"group {one.name} {one.threshold} {' '.join(one.members)}" for one in self.groups]
        return "\n".join([*lines, f"quorum {self.quorum}", ""]).encode("utf-8", "surrogateescape")

    def reached_by(self, names: Collection[str]) -> bool:
        """Whether the quorum has witnessed what the witnesses with these names have."""
        reached = set(names) & {one.name for one in self.witnesses} | {NONE}
        for group in self.groups:
            if sum(member in reached for member in group.members) >= group.threshold:
                reached.add(group.name)
        return self.quorum in reached

    def overlaps(self) -> bool:
        """Whether any two sets of witnesses that reach the quorum have one in common.

        Exact, since a name stands in one group only: a group splits in two if each side reaches its threshold with
        the members that split themselves and half of those that do not.
        """
        splits = {NONE}
        for group in self.groups:
            split = sum(member in splits for member in group.members)
            if 2 * (group.threshold - split) <= len(group.members) - split:
                splits.add(group.name)
        return self.quorum not in splits

    def check_overlap(self) -> None:
        """Refuse (POLICY-SPLITS) a policy under which two histories could both be witnessed by honest witnesses."""
        if not self.overlaps():
            raise Refusal(
                "POLICY-SPLITS",
                "Two sets of witnesses without a common one can reach this quorum, each for another history.",
                path="policy.quorum",
                hint="Ask for more than half of a group's members.",
            )

    def cosigned_by(self, checkpoint: Checkpoint, lines: Sequence[SignatureLine]) -> dict[str, int]:
        """Which witnesses cosigned, and when (seconds since 1970). Raises Refusal COSIGNATURE-WRONG."""
        found = cosignature.cosigners(checkpoint, lines, [one.vkey for one in self.witnesses])
        return {one.name: found[one.vkey] for one in self.witnesses if one.vkey in found}

    def witnessed(self, text: str) -> tuple[Checkpoint, dict[str, int]]:
        """The checkpoint in a signed note, if a log of this policy signed it and its quorum witnessed it.

        With it, who cosigned and when (seconds since 1970). This is all that somebody needs who trusts nothing but the
        policy. Raises Refusal CHECKPOINT-FORMAT, CHECKPOINT-SIGNATURE, COSIGNATURE-WRONG or QUORUM-MISSED.
        """
        checkpoint, lines = parse(text)
        # Each is looked at: a wrong signature under a known key spoils the note, wherever it stands.
        signed = [cosignature.log_signed(checkpoint, lines, one.vkey) for one in self.logs]
        if not any(signed):
            raise Refusal(
                "CHECKPOINT-SIGNATURE",
                "No log of this policy signed this checkpoint.",
                path="checkpoint.signatures",
                status=403,
            )
        return checkpoint, self.check_quorum(checkpoint, lines)

    def check_quorum(self, checkpoint: Checkpoint, lines: Sequence[SignatureLine]) -> dict[str, int]:
        """Who cosigned, if they reach the quorum; the log's own signature is not looked at."""
        found = self.cosigned_by(checkpoint, lines)
        if not self.reached_by(found):
            named = ", ".join(sorted(found)) or "nobody"
            raise Refusal(
                "QUORUM-MISSED",
                f"This checkpoint of {checkpoint.size} entries is cosigned by {named}, which is no quorum.",
                path="checkpoint.signatures",
                hint="Wait for more witnesses, and ask why they are silent.",
                status=409,
            )
        return found


def read(data: bytes) -> Policy:
    """Read a policy file strictly; each fault names its line (``policy[3]``), counted from 1.

    Raises Refusal POLICY-FORMAT or VKEY-FORMAT. Whether the quorum overlaps is for ``Policy.check_overlap``.
    """
    if len(data) > POLICY_LIMIT_BYTES:
        raise _malformed(f"A policy has at most {POLICY_LIMIT_BYTES} bytes.", "policy", 413)
    if not _OCTETS.fullmatch(data):
        raise _malformed("A policy has no control characters but tabs and ends of lines.", "policy")
    # Names are opaque octets to the format; escaping keeps apart what is no UTF-8.
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if lines.pop():
        raise _malformed("Each line of a policy is ended.", "policy")
    if len(lines) > LINES_LIMIT:
        raise _malformed(f"A policy has at most {LINES_LIMIT} lines.", "policy", 413)
    reading = _Reading()
    for number, line in enumerate(lines, 1):
        reading.line(number, [word for word in _GAP.split(line) if word])
    return reading.finish()


def majority(logs: Sequence[Log], witnesses: Sequence[Witness], quorum: int) -> Policy:
    """The plain policy: ``quorum`` of these witnesses. Raises what ``read`` and ``check_overlap`` raise."""
    group = Group("quorum", quorum, tuple(one.name for one in witnesses))
    policy = read(Policy(tuple(logs), tuple(witnesses), (group,), group.name).to_bytes())
    policy.check_overlap()
    return policy


class _Reading:
    """What was read so far, and what was wrong with it."""

    def __init__(self) -> None:
        self._logs: list[Log] = []
        self._witnesses: list[Witness] = []
        self._groups: list[Group] = []
        self._quorum = ""
        self._names: set[str] = {NONE}
        self._members: set[str] = set()
        self._keys: set[tuple[bool, bytes]] = set()
        self._faults: list[Fault] = []
        self._kinds: dict[str, Callable[[list[str], str], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum_line,
        }

    def line(self, number: int, words: list[str]) -> None:
        if not words or words[0].startswith("#") or len(self._faults) >= FAULTS_LIMIT:
            return
        path = f"policy[{number}]"
        try:
            act = self._kinds.get(words[0])
            if act is None:
                raise _malformed("A line begins with log, witness, group, quorum or #.", path)
            act(words[1:], path)
        except Refusal as refusal:
            self._faults.append(refusal.fault())

    def finish(self) -> Policy:
        if not self._quorum and not self._faults:
            self._faults.append(_malformed("A policy has exactly one quorum line.", "policy").fault())
        if self._faults:
            raise Refusal.of(self._faults, status=400)
        return Policy(tuple(self._logs), tuple(self._witnesses), tuple(self._groups), self._quorum)

    def _log(self, words: list[str], path: str) -> None:
        if not 1 <= len(words) <= 2:
            raise _malformed("A log has a verifier key and perhaps an address.", path)
        _check_room(self._logs, LOGS_LIMIT, "logs", path)
        key = self._key(words[0], _LOG_KINDS, path, is_log=True)
        self._logs.append(Log(key, _url(words[1:], path)))

    def _witness(self, words: list[str], path: str) -> None:
        if not 2 <= len(words) <= 3:
            raise _malformed("A witness has a name, a verifier key and perhaps an address.", path)
        _check_room(self._witnesses, WITNESSES_LIMIT, "witnesses", path)
        key = self._key(words[1], _WITNESS_KINDS, path, is_log=False)
        url = _url(words[2:], path)
        self._witnesses.append(Witness(self._new_name(words[0], path), key, url))

    def _group(self, words: list[str], path: str) -> None:
        if len(words) < 3:
            raise _malformed("A group has a name, all, any or a number, and at least one member.", path)
        _check_room(self._groups, GROUPS_LIMIT, "groups", path)
        name, threshold, members = words[0], words[1], words[2:]
        count = {"all": len(members), "any": 1}.get(threshold)
        if count is None and _THRESHOLD.fullmatch(threshold):
            count = int(threshold)
        if count is None or count > len(members):
            raise _malformed(f"A group asks for all, any, or 1 to {len(members)} of its members.", path)
        taken = set(self._members)
        for member in members:
            if member == NONE or member not in self._names:
                raise _malformed(f"No witness or group before this line is named {_shown(member)}.", path)
            if member in taken:
                raise _malformed(f"{_shown(member)} is a member of a group already.", path)
            taken.add(member)
        self._groups.append(Group(self._new_name(name, path), count, tuple(members)))
        self._members = taken

    def _quorum_line(self, words: list[str], path: str) -> None:
        if len(words) != 1 or self._quorum:
            raise _malformed("A policy has exactly one quorum line, with one name.", path)
        if words[0] not in self._names:
            raise _malformed(f"No witness or group before this line is named {_shown(words[0])}.", path)
        self._quorum = words[0]

    def _new_name(self, name: str, path: str) -> str:
        if len(name.encode("utf-8", "surrogateescape")) > NAME_LIMIT_BYTES:
            raise _malformed(f"A name has at most {NAME_LIMIT_BYTES} bytes.", path)
        if name in self._names:
            raise _malformed(f"The name {_shown(name)} is taken.", path)
        self._names.add(name)
        return name

    def _key(self, text: str, kinds: Collection[int], path: str, *, is_log: bool) -> VKey:
        key = vkey.parse(text, path)
        if key.kind not in kinds:
            raise _malformed(f"A key of kind {key.kind} does not sign this.", path)
        if (is_log, key.key) in self._keys:
            raise _malformed("This public key stands in the policy already.", path)
        self._keys.add((is_log, key.key))
        return key


def _check_room(listed: Sequence[object], limit: int, what: str, path: str) -> None:
    if len(listed) >= limit:
        raise _malformed(f"A policy has at most {limit} {what}.", path)


def _url(words: list[str], path: str) -> str:
    url = words[0] if words else ""
    if len(url) > URL_LIMIT_BYTES:
        raise _malformed(f"An address has at most {URL_LIMIT_BYTES} characters.", path)
    return url


def _shown(name: str) -> str:
    return name.encode("utf-8", "surrogateescape")[:NAME_LIMIT_BYTES].decode("utf-8", "replace")


def _malformed(sentence: str, path: str, status: int = 400) -> Refusal:
    return Refusal("POLICY-FORMAT", sentence, path=path, status=status)
