"""Who witnesses the ledger, and evidence that it is not one."""

from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import files, output
from allpoints.cli.calling import Call, group, local, remote
from allpoints.cli.client import Fields
from allpoints.ground.refusal import Refusal

FILE_LIMIT_BYTES = 1024 * 1024

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The evidence's number.")]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    witness = group("Who witnesses the ledger, how far it was witnessed, and whom this network believes.")
    local(witness, "key", "witness key --dir xav")(key)
    remote(witness, "announce", "witness announce --dir xav")(announce)
    remote(
        witness,
        "name",
        "witness name XAV XBM XCE --quorum 2 --dir xsc",
        "witness name --policy witnesses.policy --dir xsc",
    )(name)
    remote(witness, "list", "witness list --dir xav", "witness list --json")(standing)
    remote(witness, "policy", "witness policy --dir xav > example.policy")(policy)
    remote(witness, "head", "witness head --dir xav > xav.checkpoint")(head)
    app.add_typer(witness, name="witness")
    evidence = group("Evidence that the ledger was rewritten, rolled back or forked.")
    remote(evidence, "list", "evidence list --dir xav", "evidence list --json")(listed)
    remote(evidence, "show", "evidence show 1 --dir xav")(show)
    remote(evidence, "compare", "evidence compare xbm.checkpoint --dir xav")(compare)
    remote(evidence, "settle", 'evidence settle 1 --reason "The relay was restored from a copy." --dir xav')(
        settle
    )
    app.add_typer(evidence, name="evidence")


def key(call: Call) -> None:
    """Make this bureau's witness key if it has none, and print its public half as a verifier key.

    A bureau gets one with allpoints init. Serve the node again after making one; then announce it.
    """
    from allpoints.ledger.cosignature import witness_vkey
    from allpoints.node import setting_up, witnesses

    made = setting_up.witness_key(call.settings)
    me = setting_up.credentials(call.settings)
    line = witness_vkey(witnesses.witness_name(me.network, me.member), made).text()
    if call.as_json:
        output.json({"vkey": line})
    else:
        output.data(line)


def announce(call: Call) -> None:
    """Write this member's witness key to the ledger, for everyone to know."""
    made = call.client.post("/api/v1/witnesses", {}, Fields)
    if call.as_json:
        output.json(made)
    else:
        output.data(made["vkey"])
    output.say("Next: the secretariat names the witnesses: allpoints witness name")


def name(
    call: Call,
    members: Annotated[
        list[str] | None, typer.Argument(metavar="[MEMBER]...", help="Members that announced a key.")
    ] = None,
    quorum: Annotated[int, typer.Option(min=0, help="How many of them must cosign: more than half.")] = 0,
    policy: Annotated[Path | None, typer.Option(help="A policy file, in place of members.")] = None,
) -> None:
    """Name the witnesses of the network and their quorum, at the secretariat.

    Without a quorum, the smallest majority is taken. Choose members of different regions: what a majority of them
    agrees on is believed.
    """
    found = call.client.get("/api/v1/witnesses", Fields)
    data = (
        files.read_text(policy, FILE_LIMIT_BYTES).encode()
        if policy
        else _majority(found, members or [], quorum)
    )
    call.client.send("/api/v1/witnesses/policy", data, "text/plain")
    output.say("Named: it holds as soon as the ledger has it. See allpoints witness list.")


def _majority(found: Fields, members: list[str], quorum: int) -> bytes:
    from allpoints.ledger import policy, vkey

    keys = {one["name"]: one["vkey"] for one in found["witnesses"] if one["announced"]}
    missing = [member for member in members if member not in keys]
    if missing or not members:
        raise Refusal(
            "WITNESS-KEY",
            f"{', '.join(missing) or 'Nobody'} has announced no witness key.",
            path="member",
            hint="Members announce theirs with allpoints witness announce.",
        )
    witnesses = [policy.Witness(member, vkey.parse(keys[member])) for member in members]
    # With the log in it the policy alone suffices to check a proof, years later and without any node.
    logs = [policy.Log(vkey.parse(found["log"]))] if found["log"] else []
    return policy.majority(logs, witnesses, quorum or len(members) // 2 + 1).to_bytes()


def standing(call: Call) -> None:
    """Say how far the ledger was witnessed, and list the witnesses."""
    found = call.client.get("/api/v1/witnesses", Fields)
    if call.as_json:
        output.json(found)
        return
    output.facts(
        [
            ("ledger", output.counted(found["size"], "entry", "entries")),
            ("witnessed", _witnessed(found)),
            ("policy", found["policy_from"] or "none: nobody witnesses this ledger"),
            ("publication", "held back: see allpoints evidence list" if found["forked"] else "goes out"),
        ]
    )
    rows = [
        (
            one["name"],
            "named" if one["named"] else "announced",
            output.at(one["cosigned_ms"]) if one["cosigned_ms"] else "not this head",
        )
        for one in found["witnesses"]
    ]
    output.table(("witness", "state", "cosigned the head"), rows, empty="No member has announced a key.")


def _witnessed(found: Fields) -> str:
    late = ", and no more for some time" if found["lagging"] else ""
    return f"{output.counted(found['witnessed'], 'entry', 'entries')}{late}"


def policy(call: Call) -> None:
    """Print the policy that this node goes by: a C2SP tlog-policy file, for whoever verifies without a node.

    With a line ``log`` in it, allpoints verify FILE --policy needs nothing else.
    """
    found = call.client.get("/api/v1/witnesses", Fields)
    if not found["policy"]:
        raise Refusal("POLICY-NONE", "This node knows no witnesses.", status=404)
    output.data(found["policy"].rstrip("\n"))


def head(call: Call) -> None:
    """Print the largest checkpoint that a quorum cosigned, with its cosignatures."""
    found = call.client.get("/api/v1/witnesses", Fields)
    if not found["checkpoint"]:
        raise Refusal("WITNESS-NOTHING", "Nothing was witnessed yet.", status=404)
    output.data(found["checkpoint"].rstrip("\n"))


def listed(call: Call) -> None:
    """List the evidence that this node keeps, newest first."""
    found = call.client.get("/api/v1/evidence", list[Fields])
    if call.as_json:
        output.json(found)
        return
    rows = [
        (one["number"], output.at(one["at_ms"]), one["kind"], one["source"], _state(one), one["sentence"])
        for one in found
    ]
    output.table(("number", "when", "kind", "shown by", "state", "what"), rows, empty="There is no evidence.")


def _state(one: Fields) -> str:
    return f"settled by {one['settled_by']}: {one['reason']}" if one["settled_ms"] else "open"


def show(call: Call, number: Number) -> None:
    """Print one piece of evidence whole: both signed checkpoints, and the proof that ties ours to its root."""
    found = [one for one in call.client.get("/api/v1/evidence", list[Fields]) if one["number"] == number]
    if not found:
        raise Refusal("EVIDENCE-UNKNOWN", f"There is no evidence {number}.", path="number", status=404)
    if call.as_json:
        output.json(found[0])
        return
    one = found[0]
    output.facts([(field, one[field]) for field in ("number", "kind", "source", "sentence")])
    for title, text in (("ours", one["ours"]), ("theirs", one["theirs"]), ("proof", one["proof"])):
        output.data(f"--- {title}\n{text}".rstrip("\n"))


def compare(
    call: Call,
    checkpoint: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="Another member's checkpoint.")],
) -> None:
    """Compare a checkpoint that another member printed with the ledger held here.

    If the relay signed both and they are not one ledger, that is evidence, and an alert.
    """
    text = files.read_text(checkpoint, FILE_LIMIT_BYTES).encode()
    found = call.client.send("/api/v1/evidence/compare", text, "text/plain")
    import msgspec

    same = msgspec.json.decode(found)["same"]
    if call.as_json:
        output.json({"same": same})
        return
    output.data("the same ledger" if same else "not known to be the same ledger: see allpoints evidence list")


def settle(
    call: Call,
    number: Number,
    reason: Annotated[str, typer.Option(help="What was found out.")],
) -> None:
    """Answer for a piece of evidence: it holds publication back no longer, and stays in the list."""
    call.client.post(f"/api/v1/evidence/{number}/settlement", {"reason": reason}, list[Fields])
    output.say(f"Evidence {number} is settled.")
