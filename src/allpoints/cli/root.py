"""The ceremony of a network's root: keys of holders, a root that they sign, approvals. On files alone, off-line."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allpoints.cli import files, output, root_changes
from allpoints.cli.calling import Call, group, local
from allpoints.ground.refusal import Refusal

if TYPE_CHECKING:
    from allpoints.identity.holder_file import HeldKey
    from allpoints.identity.root import Root

FILE_LIMIT_BYTES = 256 * 1024
DAY_MS = 86_400_000

Out = Annotated[Path, typer.Option(help="Where to write it; a file that is there is kept.")]
Key = Annotated[Path, typer.Option(help="The holder's key file.")]
Before = Annotated[Path | None, typer.Option(help="The root of the version before, if there is one.")]
Passphrase = Annotated[
    Path | None,
    typer.Option(
        help="Read the passphrase from the first line of this file, such as /dev/fd/3; else it is asked for."
    ),
]


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    root = group("Hold the root of a network: the ceremony, with files and without a network.")
    local(root, "holder", 'root holder --name "Ines of Arvandia" --out ines.key')(holder)
    local(
        root,
        "draft",
        "root draft --services services.json --holder ines.key.json --holder bram.key.json"
        " --threshold 2 --out root-draft.json",
    )(draft)
    local(root, "sign", "root sign root-draft.json --key ines.key --out root-ines.json")(sign)
    local(root, "assemble", "root assemble root-ines.json root-bram.json --out root.json")(assemble)
    local(root, "show", "root show root.json", "root show --dir xav")(show)
    local(root, "verify", "root verify root.json", "root verify root-2.json --before root.json")(verify)
    local(
        root, "approve", "root approve join-request.json --root root.json --key ines.key --out ines-xdv.json"
    )(approve)
    root_changes.add(root)
    app.add_typer(root, name="root")


def holder(
    call: Call,
    name: Annotated[str, typer.Option(help="The name by which people know the holder.")],
    out: Out,
    passphrase_file: Passphrase = None,
) -> None:
    """Make a holder's key, locked by a passphrase, and beside it a card with its public half.

    Give the card (the same name with .json) to whoever drafts the root, and read its fingerprint to them. Keep the key
    off-line: with the passphrase it is one voice in saying who belongs to the network.
    """
    from allpoints.identity.holder_file import HeldKey, lock
    from allpoints.identity.holder_key import HolderKey
    from allpoints.identity.root import RootHolder
    from allpoints.identity.root_files import write_card

    card = out.with_name(f"{out.name}.json")
    files.check_new(out)
    files.check_new(card)
    key = HolderKey.generate()
    locked = lock(HeldKey(name, key), _passphrase(passphrase_file, again=True))
    files.write_new(out, locked, mode=0o600)
    files.write_new(card, write_card(RootHolder(name, key.public)))
    made = {"holder": name, "key": str(out), "card": str(card), "fingerprint": key.public.fingerprint()}
    _tell(call, made)


def draft(
    call: Call,
    services: Annotated[Path, typer.Option(help="services.json of the secretariat's folder.")],
    holder: Annotated[list[Path], typer.Option(help="A holder's card; once for each holder.")],
    threshold: Annotated[int, typer.Option(min=1, help="How many holders it takes.")],
    out: Out,
    before: Before = None,
) -> None:
    """Draft a root: its holders, how many of them it takes, and the keys of secretariat and relay."""
    from allpoints.identity.root import Root
    from allpoints.identity.root_files import read_card, read_services, write_root_file

    named = read_services(_text(services))
    cards = [read_card(_text(path)) for path in holder]
    version = _root(before).version + 1 if before else 1
    keys = (named.secretariat.verify_key, named.relay.verify_key)
    drafted = Root.draft(named.network, version, threshold, cards, keys)
    files.write_new(out, write_root_file(drafted))
    _tell(call, {**_facts(drafted), "services": named.fingerprint(), "file": str(out)})


def sign(
    call: Call,
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="The draft, or a copy that others signed.")],
    key: Key,
    out: Out,
    before: Before = None,
    passphrase_file: Passphrase = None,
) -> None:
    """Sign a root with a holder's key, once it was shown what it says.

    Compare the fingerprint with the other holders before you give the passphrase. A holder of the version before signs
    too: name that version with --before.
    """
    from allpoints.identity.root_files import write_root_file

    read = _root(root)
    files.check_new(out)
    _tell(call, _facts(read))
    held = _held(key, passphrase_file)
    known = (read, *([_root(before)] if before else []))
    if all(one.holder(held.key.public.id) is None for one in known):
        raise Refusal(
            "ROOT-SIGNER",
            f"{held.name} is no holder of this root.",
            path="key",
            hint="A holder of the version before names it: --before.",
            status=403,
        )
    files.write_new(out, write_root_file(read.signed(held.key)))
    output.say(f"{held.name} signed it: {out}")


def assemble(
    call: Call,
    copies: Annotated[list[Path], typer.Argument(metavar="ROOT...", help="The copies that holders signed.")],
    out: Out,
    before: Before = None,
) -> None:
    """Put the signatures of several copies into one root; refused while too few holders signed."""
    from allpoints.identity.root import assembled
    from allpoints.identity.root_files import write_root_file

    whole = assembled([_root(path) for path in copies])
    _check(whole, before)
    files.write_new(out, write_root_file(whole))
    _tell(call, {**_facts(whole), "file": str(out)})


def show(
    call: Call,
    root: Annotated[
        Path | None, typer.Argument(metavar="ROOT", help="The root's file; this node's own, if left out.")
    ] = None,
) -> None:
    """Show what a root says and who signed it, without saying whether that is enough.

    Without a file, the one that decides at present, as this node's copy of the ledger has it.
    """
    _tell(call, _facts(_root(root) if root is not None else _present(call)))


def _present(call: Call) -> "Root":
    from contextlib import closing

    from allpoints.node import membership, setting_up
    from allpoints.node.ledger_copy import DATABASE, open_copy

    me = setting_up.credentials(call.settings)
    with closing(open_copy(call.folder / DATABASE)) as db:
        return membership.load(db, me).root


def verify(
    call: Call,
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="The root's file.")],
    before: Before = None,
) -> None:
    """Verify that enough holders signed a root: of its own, and of the version before if it is not the first."""
    read = _root(root)
    _check(read, before)
    _tell(call, {**_facts(read), "verified": "yes"})


def approve(
    call: Call,
    proposal: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="What is proposed: a bureau's join request, a revocation, a recovery."
        ),
    ],
    root: Annotated[Path, typer.Option(help="The root that is in force.")],
    key: Key,
    out: Out,
    days: Annotated[int, typer.Option(min=1, max=90, help="For how many days the approval is good.")] = 14,
    passphrase_file: Passphrase = None,
) -> None:
    """Approve what a file proposes, once it was shown.

    It may be that a member is admitted with exactly the keys in its request, that its key counts no more or another takes
    its place, or an order on its standing. Compare the fingerprint with the one that the member or the secretariat reads to you before you give the passphrase.
    """
    from allpoints.ground.clock import SystemClock
    from allpoints.identity import approval
    from allpoints.identity.proposal import read_proposal
    from allpoints.identity.root_files import write_approval

    under = _root(root)
    proposed = read_proposal(_text(proposal), under)
    files.check_new(out)
    now = SystemClock().now()
    proposed.check_time(now)
    expires_ms = now + days * DAY_MS
    _tell(call, {**proposed.words, "approval until": output.at(expires_ms)})
    held = _held(key, passphrase_file)
    given = approval.approve(under, held.key, proposed.act, proposed.subject, expires_ms)
    files.write_new(out, write_approval(given))
    output.say(f"{held.name} approved it. Next: send {out} to the secretariat.")


def _check(root: "Root", before: Path | None) -> None:
    if before is None:
        root.check_first(root.network)
    else:
        root.check_next(_root(before))


def _facts(root: "Root") -> dict[str, object]:
    from allpoints.identity.keys import grouped

    names = [f"{one.name}{' (signed)' if root.signed_by(one) else ''}" for one in root.holders]
    return {
        "network": root.network,
        "version": root.version,
        "threshold": f"{root.threshold} of {len(root.holders)}",
        "holders": ", ".join(names),
        "secretariat signs with": grouped(root.secretariat.hex()),
        "relay signs with": grouped(root.relay.hex()),
        "fingerprint": root.fingerprint(),
    }


def _tell(call: Call, facts: Mapping[str, object]) -> None:
    if call.as_json:
        output.json({name.replace(" ", "_"): value for name, value in facts.items()})
    else:
        output.facts(facts)


def _text(path: Path) -> str:
    return files.read_text(path, FILE_LIMIT_BYTES)


def _root(path: Path) -> "Root":
    from allpoints.identity.root_files import read_root_file

    return read_root_file(_text(path))


def _held(path: Path, passphrase_file: Path | None) -> "HeldKey":
    from allpoints.identity.holder_file import HOLDER_FILE_LIMIT_BYTES, unlock

    try:
        with path.open("rb") as file:
            data = file.read(HOLDER_FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise files.unreadable(path, error) from error
    return unlock(data, _passphrase(passphrase_file))


def _passphrase(path: Path | None, *, again: bool = False) -> str:
    """From the first line of a file, or asked for without an echo; never from an argument, which others could see."""
    if path is not None:
        return files.read_text(path, FILE_LIMIT_BYTES).split("\n")[0]
    typed: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=again, err=True)
    return typed
