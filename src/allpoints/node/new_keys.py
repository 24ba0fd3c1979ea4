"""New keys for a bureau whose own were stolen or lost: made beside those that are there, taken when it joins with them."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from allpoints.ground.clock import Clock
from allpoints.ground.refusal import Refusal
from allpoints.identity.certificate import commitment, issue
from allpoints.identity.joining import JoinRequest, make_join_request
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.keystore import Keys, KeyStore, make_next, new_store
from allpoints.identity.names import BUREAU
from allpoints.node import setting_up
from allpoints.node.settings import Settings

REQUEST_FILE = "recovery-request.json"


def make(settings: Settings, clock: Clock, next_keys: Path | None = None) -> JoinRequest:
    """Make new keys, or take the next ones from their file, and the request by which the holders recover the member.

    The keys in use stay until the node joins with the answer. Raises Refusal NEW-KEYS-ROLE, KEYS-EXIST.
    """
    if settings.role != BUREAU:
        raise Refusal("NEW-KEYS-ROLE", "Only a member's bureau is recovered.", path="node.role", status=409)
    own, store = setting_up.held_admission(settings.folder).own, new_store(settings.folder)
    if next_keys is None:
        keys = Keys(SigningKey.generate(), ReceptionKey.generate())
    else:
        keys = KeyStore(next_keys.parent, next_keys.name).load()
        check_committed(own.next_key, keys, next_keys)
    store.save(keys)
    holder = msgspec.structs.replace(
        own.holder, verify_key=keys.signing.public, reception_key=keys.reception.public
    )
    now = clock.now()
    certificate = issue(
        own.subject,
        keys.signing,
        holder,
        not_before_ms=now - setting_up.SKEW_MS,
        not_after_ms=now + setting_up.LONG_MS,
        next_key=commitment(make_next(settings.folder)),
    )
    request = make_join_request(holder, keys.signing, now, certificate)
    (settings.folder / REQUEST_FILE).write_text(request.write(), encoding="utf-8")
    return request


def check_committed(next_key: bytes, keys: Keys, path: Path) -> None:
    """Refuse a file that holds other keys than those to which a certificate commits its bureau."""
    if commitment(keys.signing.public) != next_key:
        raise Refusal(
            "KEY-NOT-COMMITTED",
            f"{path} does not hold the next keys to which the certificate of this bureau commits it.",
            path="next",
            status=409,
        )


class NextKeys(NamedTuple):
    """To what a bureau's certificate commits it, and the file that holds those keys, if one was found."""

    commitment: bytes
    path: Path | None


def find_next(settings: Settings, path: Path | None = None) -> NextKeys:
    """The file of the next keys: ``path``, which must hold them (KEY-NOT-COMMITTED), or whichever of the folder does."""
    if settings.role != BUREAU:
        raise Refusal("NEW-KEYS-ROLE", "Only a member's bureau has next keys.", path="node.role", status=409)
    next_key = setting_up.held_admission(settings.folder).own.next_key
    if path is not None:
        check_committed(next_key, KeyStore(path.parent, path.name).load(), path)
        return NextKeys(next_key, path)
    for one in sorted(settings.folder.glob("next-keys-*.cbor")):
        if commitment(KeyStore(one.parent, one.name).load().signing.public) == next_key:
            return NextKeys(next_key, one)
    return NextKeys(next_key, None)


def copy_next(found: NextKeys, to: Path) -> Path:
    """Write a copy of the next keys where none is yet, on the disk before this returns, and read it back."""
    if found.path is None:
        raise Refusal(
            "KEYS-MISSING",
            "The next keys are not in this folder.",
            path="file",
            hint="Name them with --file.",
            status=404,
        )
    target = KeyStore(to.parent, to.name)
    target.save(KeyStore(found.path.parent, found.path.name).load())
    check_committed(found.commitment, target.load(), to)
    return to
