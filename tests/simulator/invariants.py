"""What must hold at the end, whatever happened: nothing lost, nothing twice, nothing shown, all the same."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

from tests.simulator import keys, rebuilds
from tests.simulator.acts import CANARY, OFFICER
from tests.simulator.federation import Federation
from tests.simulator.rotations import ROTATES
from tests.simulator.truth import EVERYONE, Record, Truth

from allpoints.border import store as border_store
from allpoints.ground.refusal import Refusal
from allpoints.ledger import audit
from allpoints.registers.searching import Query

EXPLAINED = frozenset(
    {
        "LEDGER-GAP",
        "LEDGER-ROLLBACK",
        "AUTHOR-GAP",
        "UNKNOWN-AUTHOR",
        "ENTRY-FUTURE",
        "FOLLOW-AHEAD",
        "ENVELOPE-FROM-FUTURE",
        "MAIL-UNKNOWN-SENDER",
        "BUNDLE-UNKNOWN-NODE",
        "BUNDLE-ROLLBACK",
        "NOTICE-ENDED",
        "RECORD-BLOCKED",
        "VIEW-TOO-OLD",
        "WITNESS-CONFLICT",
        "CHECKPOINT-SIGNATURE",
        "POLICY-NONE",
        "KEYS-NONE",
        "FILE-NOT-THERE",
    }
)
"""Refusals that loss, delay, reordering and wrong clocks explain; any other is a fault.

A notice that its owner withdraws while the secretariat cancels it is ended once, and refused once. An owner that learns of
a block late is refused to open the record to more members, as one that knows of it. A witness that is asked again before its
answer arrived stands further on already, and a member may hear of a quorum before it has read who is one; a file is
asked for as soon as its letter is there, perhaps before it. A relay has no keys yet of a member that has not called.
A checkpoint under the relay's next key may be seen before the change of the root that names it."""


def faults(federation: Federation, truth: Truth) -> list[str]:
    """Everything that does not hold, in words."""
    return [
        *truth.faults,
        *ledgers(federation),
        *records(federation, truth),
        *hidden(federation, truth),
        *obedience(federation, truth),
        *extracts(federation),
        *letters(federation, truth),
        *alone(federation, truth),
        *audits(federation),
        *refusals(federation),
    ]


def ledgers(federation: Federation) -> Iterator[str]:
    """(1) What the relay acknowledged stands in every ledger, all ledgers are equal, and no outbox is blocked."""
    select = "SELECT seq, bytes FROM ledger_entries ORDER BY seq"
    whole = federation.relay().db.execute(select).fetchall()
    held = {row[0] for row in federation.relay().db.execute("SELECT id FROM ledger_entries")}
    lost = federation.acknowledged - held
    if lost:
        yield f"{len(lost)} acknowledged entries are not in the ledger"
    for name in EVERYONE:
        bureau = federation.bureau(name)
        if bureau.db.execute(select).fetchall() != whole:
            yield f"the ledger of {name} is not the relay's"
        written = bureau.db.execute("SELECT seq, hash FROM office_author").fetchone()
        head = bureau.db.execute("SELECT seq, hash FROM ledger_heads WHERE author=?", (name,)).fetchone()
        if written != head:
            yield f"{name} has written {written and written[0]} entries, the ledger has {head and head[0]}"
        for code, sentence in bureau.outbox.blocked():
            yield f"the outbox of {name} is blocked: {code} {sentence}"
        refused = bureau.db.execute("SELECT seq, place, code FROM state_refused WHERE code<>'NOTICE-ENDED'")
        for seq, place, code in refused:
            yield f"{name} did not apply entry {seq} ({place}): {code}"


def records(federation: Federation, truth: Truth) -> Iterator[str]:
    """(2, 4) Every node holds exactly the newest version that it may know of each record, once."""
    shared: dict[bytes, tuple[object, ...]] = {}
    for name in EVERYONE:
        db = federation.bureau(name).db
        rows = db.execute(
            "SELECT record_id, ref, version, status, register, owner, seq, published_ms, expires_ms, purpose,"
            " handling, reason, content, body FROM state_records"
        ).fetchall()
        held = {row[0]: row for row in rows}
        for identity, record in truth.records.items():
            version = record.seen_by(name)
            row = held.pop(identity, None)
            if row is None and version:
                yield f"{name} lacks {record.ref} v{version}"
            elif row is not None and row[2] != version:
                yield f"{name} holds {record.ref} v{row[2]}, not v{version}"
            elif row is not None:
                expected = record.status_at(version)
                if row[3] not in expected:
                    yield f"{name} holds {record.ref} as {row[3]}, not {' or '.join(sorted(expected))}"
                if (
                    version == len(record.versions)
                    and len(expected) == 1
                    and shared.setdefault(identity, row) != row
                ):
                    yield f"{name} holds {record.ref} otherwise than the others"
        for row in held.values():
            yield f"{name} holds {row[1]}, which nobody was told was entered"


def hidden(federation: Federation, truth: Truth) -> Iterator[str]:
    """(3) Nothing of a record is where it may not be: not in state, search or index, not in any byte of a disk."""
    disks = {name: b"".join(_bytes(federation, name)) for name in (keys.RELAY, *EVERYONE)}
    if CANARY.encode() in disks[keys.RELAY]:
        yield "the relay's disk holds clear text"
    for record in truth.records.values():
        for name in EVERYONE:
            if not record.was_shown_to(name):
                yield from _hidden_at(federation, record, name, disks[name])
            elif not record.seen_by(name):
                yield from _deleted_at(federation, record, name)
    for record in list(truth.records.values())[:3]:
        if record.ref.encode() not in disks[record.owner]:
            yield f"the canary {record.ref} cannot be found even at its owner: this check sees nothing"
    for notice in truth.notices:
        for name in notice.excluded:
            if notice.owner_ref.encode() in disks[name]:
                yield f"the disk of {name} holds {notice.owner_ref}"


def _hidden_at(federation: Federation, record: Record, name: str, disk: bytes) -> Iterator[str]:
    bureau = federation.bureau(name)
    if record.ref.encode() in disk:
        yield f"the disk of {name} holds {record.ref}"
    if bureau.do(partial(bureau.records.search, OFFICER, Query(ref=record.ref))).results:
        yield f"a search at {name} shows {record.ref}"
    if bureau.db.execute("SELECT 1 FROM state_index_log WHERE record_id=?", (record.identity,)).fetchone():
        yield f"the index of {name} holds {record.ref}"


def _deleted_at(federation: Federation, record: Record, name: str) -> Iterator[str]:
    """Nothing of a record is left in the state of whoever was shut out of it; what it had learnt until then may be."""
    bureau = federation.bureau(name)
    for table, rows in rebuilds.state(bureau.db).items():
        if record.ref in repr(rows):
            yield f"{name} was shut out of {record.ref} and holds it in {table}"
    if bureau.do(partial(bureau.records.search, OFFICER, Query(ref=record.ref))).results:
        yield f"a search at {name} shows {record.ref}, of which it was shut out"
    tokens = bureau.db.execute(
        "SELECT tokens FROM state_index_log WHERE record_id=?", (record.identity,)
    ).fetchall()
    for (joined,) in tokens:
        for at in range(0, len(joined), 16):
            if any(
                one.record_id == record.identity for one in bureau.index.index.lookup(joined[at : at + 16])
            ):
                yield f"the index of {name} finds {record.ref}, of which it was shut out"


def obedience(federation: Federation, truth: Truth) -> Iterator[str]:
    """Every owner knows that everybody whom it shut out has obeyed."""
    for owner in EVERYONE:
        bureau = federation.bureau(owner)
        codes = [one.code for one in bureau.vocabulary.registers.values()]
        for one in bureau.records.exclusions.outstanding(codes):
            yield f"{owner} does not know that {one.member} has deleted {one.ref}"
    for record in truth.records.values():
        db = federation.bureau(record.owner).db
        orders = db.execute(
            "SELECT member FROM office_exclusions WHERE record_id=? AND commitment<>x''", (record.identity,)
        )
        for (name,) in orders:
            if not record.was_kept_from(name):
                yield f"{record.owner} ordered {name} to delete {record.ref}, which it may read"


def _bytes(federation: Federation, name: str) -> Iterator[bytes]:
    for path in sorted(federation.nodes[name].folder.rglob("*")):
        if path.is_file():
            yield path.read_bytes()


def extracts(federation: Federation) -> Iterator[str]:
    """(4) Each post carries exactly its bureau's index log, outcomes and dismissals."""
    columns = "number, record_id, version, posting, tokens"
    for name in keys.POSTS:
        post, bureau = federation.post(name), federation.bureau(name[:3])
        carried = post.db.execute(f"SELECT {columns} FROM post_extract ORDER BY number").fetchall()
        if carried != bureau.db.execute(f"SELECT {columns} FROM state_index_log ORDER BY number").fetchall():
            yield f"the extract of {name} is not the index of its bureau"
        theirs = set(post.db.execute("SELECT pair, record_id, version FROM post_dismissals"))
        if theirs != set(border_store.dismissals(bureau.db)):
            yield f"{name} does not know which hits were found false"
        for view in border_store.list_hits(bureau.db, limit=10_000):
            if view.hit.post != name or view.answer is None:
                continue
            told = post.outcomes.of(view.hit.check)
            states = {
                state
                for (state,) in post.db.execute(
                    "SELECT state FROM office_post_outcomes WHERE hit_id=?", (view.hit.hit,)
                )
            }
            if told is None or states != {str(view.answer.state)}:
                yield f"{name} was told {states or 'nothing'} of a hit that is {view.answer.state}"


def letters(federation: Federation, truth: Truth) -> Iterator[str]:
    """(2, 5) Every letter arrives once, with all its receipts."""
    arrived: Counter[tuple[str, str]] = Counter()
    for name in EVERYONE:
        letters_here = federation.bureau(name).letters
        for view in federation.act(name, partial(letters_here.list_, OFFICER, "inbox")):
            arrived[(name, view.letter.subject)] += 1
    for letter in truth.letters:
        for name in letter.to:
            count = arrived.pop((name, letter.subject), 0)
            if count != 1:
                yield f"{letter.subject} of {letter.sender} arrived {count} times at {name}"
        # What could not be opened, since its sender rotated under it, was sealed again and delivered.
        receipts = federation.bureau(letter.sender).db.execute(
            "SELECT kind, by_name FROM office_receipts WHERE reference=? AND kind NOT IN ('read','unopened')",
            (letter.reference,),
        )
        expected = {("relayed", keys.RELAY), *(("delivered", name) for name in letter.to)}
        if set(receipts) != expected:
            yield f"{letter.subject} of {letter.sender} lacks receipts"
    for name, subject in arrived:
        yield f"{name} has {subject}, which nobody was told was sent"


def alone(federation: Federation, truth: Truth) -> Iterator[str]:
    """(5) Every check that a post made alone stands in its bureau's audit log, no question and no telling twice."""
    for name in keys.BUREAUS:
        rows = federation.bureau(name).db.execute(
            "SELECT event, detail ->> '$.check' FROM office_audit WHERE event IN ('check:asked', 'check:told')"
        )
        lines = Counter(rows.fetchall())
        for (event, check), count in lines.items():
            if count != 1:
                yield f"{name} audited {event} {count} times for {check}"
        for check in truth.alone.get(f"{name}/post-1", []):
            if not lines[("check:asked", check)] and not lines[("check:told", check)]:
                yield f"{name} was never told of a check that its post made alone"


def audits(federation: Federation) -> Iterator[str]:
    """(5) Audit logs hold together."""
    for name, node in federation.nodes.items():
        if node.engine is None or name == keys.RELAY:
            continue
        try:
            audit.verify(node.engine.db)
        except Refusal as refusal:
            yield f"the audit log of {name}: {refusal.code}"


def refusals(federation: Federation) -> Iterator[str]:
    """Nothing was refused that the weather does not explain."""
    for name, node in federation.nodes.items():
        federation.refusals(node)
        # Mail and bundles of the key from before, or of a next one that a node has not heard of, are made anew.
        papers = federation.papers
        rotated = {"BAD-SIGNATURE"} if papers.number(ROTATES) or papers.number(keys.DESK) else set()
        for code in sorted(federation.refused.get(name, set()) - EXPLAINED - rotated):
            yield f"{name} refused something: {code}"
