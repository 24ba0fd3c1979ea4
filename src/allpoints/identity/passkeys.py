"""Passkeys of officers: offered, enrolled, used, listed and removed.

Sign-in names nobody: the passkey itself says whose it is, so no answer tells a stranger which officers there are.
"""

import sqlite3
from typing import Any

import msgspec
from webauthn import generate_authentication_options, generate_registration_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from allpoints.ground.refusal import Refusal
from allpoints.identity import ceremonies, challenges
from allpoints.identity.ceremonies import ALGORITHMS, PACKED_ATTESTATION, Answer, Policy
from allpoints.identity.officers import existing

LABEL_LIMIT_CHARACTERS = 40
PASSKEYS_LIMIT = 10
PASSKEY = "passkey"
SIGN_IN, VERIFY, ADD, ENROL = "sign-in", "verify", "add", "enrol"
"""What a challenge was made for; an answer to one is none to another."""

_VERIFIED = UserVerificationRequirement.REQUIRED


class Passkey(msgspec.Struct, frozen=True):
    """A passkey as its officer sees it; ``model`` is the AAGUID, ``count`` how often it says it was used."""

    id: str
    officer: str
    label: str
    model: str
    count: int
    created_ms: int
    used_ms: int


class Proved(msgspec.Struct, frozen=True):
    """Who answered. ``regressed``: the passkey's count did not rise, so there may be a copy of it; it is refused."""

    officer: str
    passkey: str
    regressed: bool = False


def registration_options(
    db: sqlite3.Connection, name: str, policy: Policy, network: str, challenge: bytes
) -> dict[str, Any]:
    """What the browser passes to ``navigator.credentials.create`` for a new passkey of this officer."""
    handle = db.execute("SELECT handle FROM office_officers WHERE name = ?", (name,)).fetchone()[0]
    packed = policy.attestation == PACKED_ATTESTATION
    conveyance = AttestationConveyancePreference.DIRECT if packed else AttestationConveyancePreference.NONE
    options = generate_registration_options(
        rp_id=policy.site,
        rp_name=network,
        user_name=name,
        user_id=handle,
        challenge=challenge,
        attestation=conveyance,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_descriptors(db, name),
        supported_pub_key_algs=list(ALGORITHMS),
    )
    return options_to_json_dict(options)


def assertion_options(
    db: sqlite3.Connection, policy: Policy, challenge: bytes, name: str = ""
) -> dict[str, Any]:
    """What the browser passes to ``navigator.credentials.get``; only who is signed in gets a list of passkeys."""
    options = generate_authentication_options(
        rp_id=policy.site,
        challenge=challenge,
        allow_credentials=_descriptors(db, name) if name else None,
        user_verification=_VERIFIED,
    )
    return options_to_json_dict(options)


def enrol(
    db: sqlite3.Connection, name: str, answer: Answer, policy: Policy, label: str, now_ms: int
) -> Passkey:
    """Keep a new passkey of the officer; its challenge has been used up by the caller."""
    existing(db, name)
    label = label.strip()[:LABEL_LIMIT_CHARACTERS]
    if not label or not label.isprintable():
        raise Refusal("NOT-GIVEN", "Give the passkey a name by which you know it.", path="label")
    made = ceremonies.check_registration(answer, policy)
    held = list_passkeys(db, name)
    if len(held) >= PASSKEYS_LIMIT:
        raise Refusal("TOO-MANY-PASSKEYS", f"An officer has at most {PASSKEYS_LIMIT} passkeys.", status=409)
    if db.execute("SELECT 1 FROM office_passkeys WHERE id = ?", (made.credential_id,)).fetchone():
        raise Refusal("PASSKEY-TWICE", "This passkey is enrolled already.", status=409)
    db.execute(
        "INSERT INTO office_passkeys VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        (
            made.credential_id,
            name,
            made.credential_public_key,
            made.sign_count,
            made.aaguid,
            label,
            now_ms,
        ),
    )
    return Passkey(made.credential_id.hex(), name, label, made.aaguid, made.sign_count, now_ms, 0)


def prove(
    db: sqlite3.Connection, answer: Answer, policy: Policy, use: str, bound: str, now_ms: int
) -> Proved:
    """Who answered the challenge; raises Refusal PASSKEY-REFUSED (401) or CHALLENGE-STALE (403).

    A passkey whose count does not rise is not used, and the caller tells the administrator.
    """
    row = db.execute(
        "SELECT p.officer, p.public_key, p.count, o.handle FROM office_passkeys p"
        " JOIN office_officers o ON o.name = p.officer WHERE p.id = ?",
        (answer.id,),
    ).fetchone()
    if row is None:
        raise ceremonies.refused()
    officer, public_key, count, handle = row
    checked = ceremonies.check_assertion(answer, policy, public_key)
    if answer.handle and answer.handle != handle:
        raise ceremonies.refused()
    challenges.use_up(db, answer.challenge, use, bound, now_ms)
    regressed = bool(count or checked.new_sign_count) and checked.new_sign_count <= count
    if not regressed:
        db.execute(
            "UPDATE office_passkeys SET count = ?, used_ms = ? WHERE id = ?",
            (checked.new_sign_count, now_ms, answer.id),
        )
    return Proved(officer, answer.id.hex(), regressed)


def list_passkeys(db: sqlite3.Connection, name: str) -> list[Passkey]:
    """The officer's passkeys, oldest first."""
    rows = db.execute(
        "SELECT id, officer, label, model, count, created_ms, used_ms FROM office_passkeys"
        " WHERE officer = ? ORDER BY created_ms, id",
        (name,),
    )
    return [Passkey(row[0].hex(), *row[1:]) for row in rows]


def remove_passkey(db: sqlite3.Connection, name: str, passkey: str, *, last: bool = False) -> None:
    """Remove one passkey of the officer; raises Refusal UNKNOWN-PASSKEY, LAST-PASSKEY.

    The last proof of an officer goes only with ``last``: by the administrator, who can give a new code.
    """
    held = list_passkeys(db, name)
    if passkey not in {one.id for one in held}:
        raise Refusal(
            "UNKNOWN-PASSKEY", "There is no such passkey of this officer.", path="passkey", status=404
        )
    other = existing(db, name)
    if len(held) == 1 and not last and not (other.has_password or other.vouched):
        raise Refusal(
            "LAST-PASSKEY",
            "This is the last passkey: without it nobody could sign in as this officer.",
            hint="Enrol another one first.",
            status=409,
        )
    db.execute("DELETE FROM office_passkeys WHERE id = ?", (bytes.fromhex(passkey),))


def _descriptors(db: sqlite3.Connection, name: str) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(bytes.fromhex(one.id)) for one in list_passkeys(db, name)]
