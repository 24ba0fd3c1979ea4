"""The secretariat blocks and unblocks, owners renew and link: what must hold of blocks and links in the end."""

from collections.abc import Iterator

from tests.simulator import keys
from tests.simulator.acts import OFFICER, Officers
from tests.simulator.federation import Federation
from tests.simulator.node import Crashed
from tests.simulator.truth import EVERYONE, Record, Truth

from allpoints.node.bureau import Bureau
from allpoints.registers import link, linking, store
from allpoints.registers.linking import Between

RELATIONS = ("bears", "same-as", "used-in")


class Examiners:
    """Officers who do something with records that others entered, or that they entered themselves."""

    def __init__(self, officers: Officers) -> None:
        self.officers = officers
        self.luck = officers.luck
        for weight, act in (
            (4, self.block),
            (4, self.unblock),
            (3, self.renew),
            (3, self.link),
            (2, self.unlink),
        ):
            officers.also(weight, act)

    def _alive(self, name: str) -> Bureau:
        if not self.officers.federation.alive(name):
            raise Crashed
        return self.officers.federation.bureau(name)

    def _held(self, bureau: Bureau, status: str) -> list[Record]:
        """Records that stand so at a node, in the order in which they were entered."""
        rows = bureau.db.execute("SELECT record_id FROM state_records WHERE status=?", (status,))
        there = {identity for (identity,) in rows}
        return [one for identity, one in self.officers.truth.records.items() if identity in there]

    def block(self) -> str:
        return self._say(store.VALID, blocked=True)

    def unblock(self) -> str:
        return self._say(store.BLOCKED, blocked=False)

    def _say(self, status: str, *, blocked: bool) -> str:
        desk = self._alive(keys.DESK)
        held = self._held(desk, status)
        if not held:
            return ""
        record = self.luck.choice(held)
        act = desk.blocks.block if blocked else desk.blocks.unblock
        self.officers.do(keys.DESK, lambda: act(OFFICER, record.identity, "Weighed."))
        record.blocked = blocked
        return f"{keys.DESK} {record.ref}"

    def renew(self) -> str:
        owner = self.officers.somewhere()
        bureau = self._alive(owner)
        held = [
            one
            for one in self._held(bureau, store.VALID)
            if one.owner == owner and self._is_home(bureau, one)
        ]
        if not held:
            return ""
        record = self.luck.choice(held)
        self.officers.do(
            owner, lambda: bureau.life.renew(OFFICER, record.register, record.ref, "Still sought.")
        )
        self.officers.truth.keep(record, record.versions[-1])
        return f"{owner} {record.ref} v{len(record.versions)}"

    def _is_home(self, bureau: Bureau, record: Record) -> bool:
        """Whether the last change of a record has come back to its owner."""
        (row,) = store.rows_of(bureau.db, [record.identity])
        return row.version == len(record.versions)

    def link(self) -> str:
        owner = self.officers.somewhere()
        bureau = self._alive(owner)
        held = self._held(bureau, store.VALID)
        own = [one for one in held if one.owner == owner]
        if not own or len(held) < 2:
            return ""
        one = self.luck.choice(own)
        other = self.luck.choice([record for record in held if record is not one])
        relation = f"{self.luck.choice(RELATIONS)}"
        said = Between(one.identity, other.identity, relation, "Seen together.", "")
        if any(shown.link.target == other.identity for shown in _shown(bureau, one.identity)):
            return ""
        self.officers.do(owner, lambda: bureau.links.enter(OFFICER, said))
        return f"{owner} {one.ref} {other.ref}"

    def unlink(self) -> str:
        owner = self.officers.somewhere()
        bureau = self._alive(owner)
        rows = bureau.db.execute(
            "SELECT link_id FROM state_links WHERE author=? AND link_id NOT IN"
            " (SELECT link_id FROM state_link_ends) ORDER BY seq",
            (owner,),
        ).fetchall()
        if not rows:
            return ""
        (identifier,) = self.luck.choice(rows)
        self.officers.do(owner, lambda: bureau.links.undo(OFFICER, identifier, "An error."))
        self.officers.truth.undone.add(identifier)
        return owner


def _shown(bureau: Bureau, identity: bytes) -> list[linking.Shown]:
    readable = {register.code for register in bureau.vocabulary.registers.values()}
    return linking.shown(bureau.db, identity, bureau.records.reader(), readable)


def faults(federation: Federation, truth: Truth) -> Iterator[str]:
    """Everyone who holds two records shows the same links between them, and none that was undone."""
    shown = {
        name: {
            one.link.link_id
            for identity in truth.records
            for one in _shown(federation.bureau(name), identity)
        }
        for name in EVERYONE
    }
    for name, links in shown.items():
        if links & truth.undone:
            yield f"{name} shows a link that was undone"
    for name in EVERYONE:
        for identifier in sorted(shown[name]):
            one = link.link(federation.bureau(name).db, identifier)
            if one is not None:
                yield from _lacking(federation, truth, one, shown)


def _lacking(
    federation: Federation, truth: Truth, one: link.Link, shown: dict[str, set[bytes]]
) -> Iterator[str]:
    ends = [truth.records[one.source], truth.records[one.target]]
    for name in EVERYONE:
        newest = all(end.seen_by(name) == len(end.versions) for end in ends)
        told = name not in one.excluded.split() and not any(end.was_kept_from(name) for end in ends)
        if newest and told and one.link_id not in shown[name] and not _differs(federation, name, ends):
            yield f"{name} does not show a link between {ends[0].ref} and {ends[1].ref}"


def _differs(federation: Federation, name: str, ends: list[Record]) -> bool:
    """Whether a record is not valid there: the secretariat cannot tell everyone of what is kept from itself."""
    rows = store.rows_of(federation.bureau(name).db, [end.identity for end in ends])
    return any(row.status != store.VALID for row in rows)
