"""Whose a provider's subject or a card's certificate is, said by the bureau."""

import sqlite3
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, remote
from allpoints.cli.client import Fields, part
from allpoints.cli.officer_acts import PATH, Name, act
from allpoints.ground.refusal import Refusal

FILE_LIMIT_BYTES = 64 * 1024


def add(officer: typer.Typer) -> None:
    """Put this command on the group of officers."""
    remote(
        officer,
        "vouched",
        "officer vouched anna",
        "officer vouched anna --subject 8f1c2d",
        "officer vouched anna --card anna.pem",
        'officer vouched anna --card-subject "CN=Anna Rask,O=Police of Arvandia,C=XA"',
        "officer vouched anna --remove 1f8b…",
    )(vouched)


def vouched(
    call: Call,
    name: Name,
    subject: Annotated[str, typer.Option(help="This subject at the node's provider is the officer.")] = "",
    card: Annotated[
        Path | None,
        typer.Option(help="The card with the certificate in this file, PEM or DER, is the officer's."),
    ] = None,
    card_subject: Annotated[
        str, typer.Option(help="Whatever card has this subject (RFC 4514) is the officer's.")
    ] = "",
    remove: Annotated[
        str, typer.Option(help="Take this one back, by its identifier, and end the officer's sessions.")
    ] = "",
) -> None:
    """List the provider's subjects and cards that are an officer; say that one is, or take one back."""
    if remove:
        _take_back(call, name, remove)
    if subject:
        _say(call, name, "provider", subject)
    if card is not None:
        _say(call, name, "card", _fingerprint(card))
    if card_subject:
        _say(call, name, "card-subject", card_subject)
    _list(call, name)


def _say(call: Call, name: str, kind: str, value: str) -> None:
    from allpoints.identity import vouched as kept

    def here(db: sqlite3.Connection, now: int) -> Any:
        return kept.vouch(db, name, kind, _kept(call, kind, value), now)

    path = f"{PATH}/{part(name)}/vouched"
    act(
        call,
        lambda: call.client.post(path, {"kind": kind, "value": value}, Fields),
        here,
        ("officer:vouched", name),
        kind=kind,
    )
    output.say(f"This is {name} from now on.")


def _fingerprint(path: Path) -> str:
    """The SHA-256 of a certificate in a file; raises Refusal CARD-UNREADABLE."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    from allpoints.identity.card import NO_CERTIFICATE

    try:
        data = path.read_bytes()[:FILE_LIMIT_BYTES]
        load = x509.load_pem_x509_certificate if b"-----BEGIN" in data else x509.load_der_x509_certificate
        return load(data).fingerprint(SHA256()).hex()
    except (OSError, *NO_CERTIFICATE) as error:
        raise Refusal(
            "CARD-UNREADABLE", f"There is no certificate in {path}.", hint="Export it from the card as PEM."
        ) from error


def _kept(call: Call, kind: str, value: str) -> str:
    """A provider's subject stands with its issuer."""
    from allpoints.identity import vouched as kept

    issuer = call.settings.text("provider.issuer")
    if kind != kept.PROVIDER:
        return value
    if not issuer:
        raise Refusal(
            "PROVIDER-OFF",
            "Officers of this node do not sign in at a provider.",
            hint="The settings of the section provider decide it.",
            status=409,
        )
    return kept.of_provider(issuer, value)


def _take_back(call: Call, name: str, one: str) -> None:
    from allpoints.identity import sessions
    from allpoints.identity import vouched as kept

    def here(db: sqlite3.Connection, _now: int) -> None:
        kept.unvouch(db, name, one)
        sessions.end_all(db, name)

    path = f"{PATH}/{part(name)}/vouched/{part(one)}"
    act(call, lambda: call.client.delete(path, Fields), here, ("officer:unvouched", name), vouched=one)
    output.say(f"It is {name} no longer; {name}'s sessions have ended.")


def _list(call: Call, name: str) -> None:
    from allpoints.identity import vouched as kept

    found = act(
        call,
        lambda: call.client.get(f"{PATH}/{part(name)}/vouched", list[Fields]),
        lambda db, _now: [msgspec.to_builtins(one) for one in kept.list_vouched(db, name)],
    )
    if call.as_json:
        output.json(found)
        return
    rows = [(one["id"], one["kind"], one["value"], output.at(one["used_ms"])) for one in found]
    output.table(
        ("identifier", "kind", "subject or certificate", "last used"),
        rows,
        empty=f"Nobody vouches for {name}.",
    )
