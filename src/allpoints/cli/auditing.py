"""The audit log: list it, sample it, take it out with proofs, verify it, prove that it only grew."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, asking, group, local, perhaps_asking, remote
from allpoints.cli.client import Fields
from allpoints.ground.refusal import Refusal

if TYPE_CHECKING:
    from allpoints.ledger import audit_export

PATH = "/api/v1/audit"
DETAIL_SHOWN = 64
"""Letters of one value that a table of the audit log shows; --json has all."""


class Wanted(NamedTuple):
    """Which lines are wanted: the options of the filter, which several commands share."""

    officer: Annotated[str, typer.Option(help="Only lines of this officer.")] = ""
    event: Annotated[str, typer.Option(help="Only lines of this event, such as search:asked.")] = ""
    why: Annotated[str, typer.Option("--for", help="Only lines that state this purpose.")] = ""
    case_of: Annotated[str, typer.Option("--in", help="Only lines that state this case.")] = ""
    register: Annotated[str, typer.Option(help="Only lines about this register.")] = ""
    since: Annotated[
        str, typer.Option(help="Only lines from this day or instant on, such as 2031-04-01.")
    ] = ""
    until: Annotated[str, typer.Option(help="Only lines before this day or instant.")] = ""

    def query(self) -> Fields:
        """The filter as the API takes it."""
        return {
            "officer": self.officer,
            "event": self.event,
            "purpose": self.why,
            "case": self.case_of,
            "register": self.register,
            "since_ms": _instant(self.since, "since"),
            "until_ms": _instant(self.until, "until"),
        }


EVERYTHING = Wanted()


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    audit = group("This node's audit log: who asked what, when and why, and the proof that it is whole.")
    perhaps_asking(
        audit,
        "list",
        "audit list --limit 20",
        "audit list --officer anna --since 2031-04-01 --purpose analyse",
    )(lines)
    perhaps_asking(
        audit, "sample", "audit sample --count 20 --event search:asked", "audit sample --seed 4f1c"
    )(sample)
    asking(audit, "export", "audit export --officer anna --purpose analyse > anna.jsonl")(export)
    remote(audit, "check", "audit check", "audit check --json")(check)
    local(audit, "verify", "audit verify anna.jsonl", "audit verify anna.jsonl --dir xav")(verify)
    remote(audit, "prove", "audit prove", "audit prove --size 1024 --json")(prove)
    remote(audit, "begin-again", 'audit begin-again "Restored from the backup of Sunday"')(begin_again)
    app.add_typer(audit, name="audit")


def _instant(text: str, path: str) -> int:
    """Milliseconds of a day or instant, in UTC; 0 when there is none."""
    import datetime as dt

    if not text:
        return 0
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal("BAD-INSTANT", f"{text} is no day and no instant.", path=path) from error
    return int((at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp() * 1_000)


def lines(
    call: Call,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most this many lines.")] = 50,
    before: Annotated[int, typer.Option(min=0, help="Only lines before this number.")] = 0,
    wanted: Wanted = EVERYTHING,
) -> None:
    """Read this node's audit log, newest first: who asked, when, and why.

    What was asked about persons and documents is shown only for a purpose of your own.
    """
    found = call.client.get(PATH, list[Fields], limit=limit, before=before, **wanted.query())
    _show(call, found, found)


def sample(
    call: Call,
    count: Annotated[int, typer.Option(min=1, max=500, help="So many lines.")] = 20,
    seed: Annotated[str, typer.Option(help="Draw the lines of this seed again.")] = "",
    size: Annotated[int, typer.Option(min=0, help="Draw among the lines up to this number.")] = 0,
    wanted: Wanted = EVERYTHING,
) -> None:
    """Draw lines at random, to ask the officers about them.

    The seed and the number of lines are printed: with both, the same filter draws the same lines again.
    """
    drawn = call.client.get(f"{PATH}/sample", Fields, count=count, seed=seed, size=size, **wanted.query())
    output.say(f"Drawn among {drawn['among']} lines with --seed {drawn['seed']} --size {drawn['size']}.")
    _show(call, drawn, drawn["lines"])


def export(
    call: Call,
    wanted: Wanted = EVERYTHING,
) -> None:
    """Print anchored lines as JSON, one a line, each with its proof; allpoints audit verify checks the file."""
    part = call.client.get(f"{PATH}/export", Fields, **wanted.query())
    _write(part["head"])
    while True:
        for one in part["lines"]:
            _write(one)
        if not part["after"]:
            return
        more = {"after": part["after"], "size": part["head"]["size"]}
        part = call.client.get(f"{PATH}/export", Fields, **more, **wanted.query())


def _write(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def check(call: Call) -> None:
    """Have the node verify its whole audit log against tree and anchors, and wait for the end.

    It goes on in the node when this command is stopped; asking again shows how far it is.
    """
    import time

    stands = call.client.post(f"{PATH}/verification", {}, Fields)
    with output.progress() as bars:
        bar = bars.add_task("Verifying the audit log", total=None, note="")
        while not stands["finished_ms"]:
            time.sleep(0.2)
            stands = call.client.get(f"{PATH}/verification", Fields)
            bars.update(bar, completed=stands["verified"], total=stands["total"])
    if call.as_json:
        output.json(stands)
    elif stands["fault"]:
        output.data(f"audit log: NOT SOUND: {stands['fault']['sentence']} ({stands['fault']['code']})")
    else:
        output.data(
            f"audit log: sound ({output.counted(stands['verified'], 'line', 'lines')}, "
            f"{stands['erased']} erased, anchored up to line {stands['anchored']})"
        )
    if stands["fault"]:
        raise typer.Exit(1)


def verify(
    call: Call, file: Annotated[Path, typer.Argument(metavar="FILE", help="What was exported.")]
) -> None:
    """Check an exported file: every line against its head, and the head against this folder's ledger if there is one.

    Needs no network and no running node. Without a ledger, compare the key with that of the member.
    """
    from allpoints.identity.certificate import Certificate
    from allpoints.ledger import audit_export

    with file.open("rb") as opened:
        head, count, erased = audit_export.check(_lines(opened))
    anchored = _anchored(call, head)
    key = Certificate.from_bytes(bytes.fromhex(head.certificate)).verify_key.fingerprint()
    found = {"log": head.log, "key": key, "lines": count, "erased": erased, "size": head.size}
    found["entry"] = head.entry
    if call.as_json:
        output.json({**found, "anchored": anchored})
        return
    output.facts(
        {**found, "anchored": "yes, in this ledger" if anchored else "not looked up: no ledger here"}
    )


def _lines(opened: Iterator[bytes]) -> Iterator[bytes]:
    return (text for text in (line.strip() for line in opened) if text)


def _anchored(call: Call, head: "audit_export.Head") -> bool:
    """Whether this folder's ledger holds the head; False when there is no ledger, refused when it holds another."""
    from allpoints.cli.upkeep import admitted, anchored_heads
    from allpoints.node.settings import FILE_NAME

    if not (call.folder / FILE_NAME).is_file() or call.settings.role == "post":
        return False
    heads = anchored_heads(call.folder, head.entry, head.log)
    if not any(
        (one.size, one.generation, one.root.hex()) == (head.size, head.generation, head.root) for one in heads
    ):
        raise Refusal(
            "AUDIT-EXPORT",
            f"Entry {head.entry} of this ledger does not anchor this head of {head.log}.",
            path="head",
            hint="Follow the ledger up to that entry first.",
        )
    if not admitted(call, bytes.fromhex(head.certificate)):
        raise Refusal(
            "AUDIT-EXPORT", f"This ledger does not admit the key that signed for {head.log}.", path="head"
        )
    return True


def prove(
    call: Call,
    size: Annotated[int, typer.Option(min=0, help="The anchored size; the newest when there is none.")] = 0,
) -> None:
    """Prove that an anchored head of the audit log goes on from the one anchored before it."""
    found = call.client.get(f"{PATH}/growth", Fields, size=size)
    if call.as_json:
        output.json(found)
        return
    output.facts({key: value for key, value in found.items() if key != "path"})
    output.data("\n".join(found["path"]))


def begin_again(
    call: Call, reason: Annotated[str, typer.Argument(metavar="REASON", help="Why, for all to see later.")]
) -> None:
    """Begin the audit log again after what was anchored of it was lost: every member will see that."""
    begun = call.client.post(f"{PATH}/generation", {"reason": reason}, Fields)
    output.say(f"The audit log goes on as generation {begun['generation']}.")
    if call.as_json:
        output.json(begun)


def _show(call: Call, whole: object, found: list[Fields]) -> None:
    if call.as_json:
        output.json(whole)
        return
    rows = [
        (
            one["number"],
            output.at(one["at_ms"]),
            "(erased)" if one["erased"] else one["officer"],
            one["event"],
            one["purpose"],
            one["case"],
            _detail(one["detail"]),
        )
        for one in found
    ]
    columns = ("line", "when", "officer", "event", "purpose", "case", "detail")
    output.table(columns, rows, empty="There is no such line.")


def _detail(detail: Fields) -> str:
    """What a line says, with what is sealed cut short: nobody reads it here."""
    return output.shown({key: _short(str(value)) for key, value in detail.items()})


def _short(text: str) -> str:
    return text if len(text) <= DETAIL_SHOWN else f"{text[:DETAIL_SHOWN]}…"
