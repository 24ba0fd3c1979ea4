"""Rotating a stopped bureau's keys: all of it happens, or none, wherever the power fails.

The file with everything that the rotation needs is written first. From then on the rotation only goes forward: each step
may be done twice, and whatever opens the folder to serve it does the rest.
"""

from contextlib import closing
from pathlib import Path

import msgspec

from allpoints.ground.clock import Clock
from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.admission import read_admission
from allpoints.identity.certificate import Certificate, commitment, issue
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.keystore import Keys, KeyStore, next_store, replace_file
from allpoints.identity.names import BUREAU
from allpoints.node import setting_up
from allpoints.node.bureau import Bureau
from allpoints.node.credentials import Credentials
from allpoints.node.lines import Lines
from allpoints.node.settings import Settings
from allpoints.vocabulary.loading import load

PENDING_FILE = "rotation.cbor"
PENDING_LIMIT_BYTES = 32 * 1024

_VERSION = "allpoints/rotation/1"


class Rotated(msgspec.Struct, frozen=True):
    """The new certificate, and the file with the keys that will follow it."""

    certificate: Certificate
    next_keys: Path


class _Pending(msgspec.Struct, frozen=True):
    keys: Keys
    certificate: Certificate


def rotate(settings: Settings, next_keys: Path, clock: Clock) -> Rotated:
    """Put the next keys, read from their file, in the place of the present ones, and make those that follow them.

    For whoever holds the folder alone. Raises Refusal ROTATE-ROLE, KEY-NOT-COMMITTED, and what reading keys raises.
    """
    finish(settings, clock)
    if settings.role != BUREAU:
        raise Refusal("ROTATE-ROLE", "Only a member's bureau rotates its keys.", path="node.role", status=409)
    me = setting_up.credentials(settings)
    keys = KeyStore(next_keys.parent, next_keys.name).load()
    following = Keys(SigningKey.generate(), ReceptionKey.generate())
    certificate = _certificate(me, keys, commitment(following.signing.public), clock.now())
    with closing(_bureau(settings, me, clock)) as bureau:
        bureau.keys.rotations.check(certificate)
    store = next_store(settings.folder, following.signing.public)
    store.save(following)
    content = row.encode(_VERSION, keys.signing.seeds, keys.reception.seeds, certificate.to_bytes())
    replace_file(settings.folder / PENDING_FILE, content)
    finish(settings, clock)
    return Rotated(certificate, store.path)


def finish(settings: Settings, clock: Clock) -> None:
    """Do what is left of a rotation that was begun in this folder; nothing if none was."""
    path = settings.folder / PENDING_FILE
    if not path.is_file():
        return
    pending, me = _read(path), setting_up.credentials(settings)
    if me.certificate != pending.certificate:
        with closing(_bureau(settings, me, clock)) as bureau:
            bureau.do(lambda: bureau.keys.rotations.write(pending.certificate))
        _take(settings.folder / setting_up.ADMISSION_FILE, pending.certificate)
    if me.signing.public != pending.keys.signing.public:
        former = (me.reception, *me.former)
        KeyStore(settings.folder).replace(msgspec.structs.replace(pending.keys, former=former))
    path.unlink()


def _take(path: Path, certificate: Certificate) -> None:
    """Put the new certificate into the admission that the node keeps."""
    held = read_admission(path.read_text(encoding="utf-8"))
    replace_file(path, msgspec.structs.replace(held, own=certificate).write().encode())


def _certificate(me: Credentials, keys: Keys, next_key: bytes, now_ms: int) -> Certificate:
    holder = msgspec.structs.replace(
        me.certificate.holder, verify_key=keys.signing.public, reception_key=keys.reception.public
    )
    return issue(
        me.name,
        keys.signing,
        holder,
        not_before_ms=now_ms - setting_up.SKEW_MS,
        not_after_ms=now_ms + setting_up.LONG_MS,
        next_key=next_key,
    )


def _bureau(settings: Settings, me: Credentials, clock: Clock) -> Bureau:
    """The bureau of this folder, talking to nobody."""
    vocabulary = load(settings.vocabulary_folders)
    return Bureau(FolderDisk(settings.folder), clock, Lines(), me, vocabulary)


def _read(path: Path) -> _Pending:
    with path.open("rb") as file:
        data = file.read(PENDING_LIMIT_BYTES + 1)
    version, signing, reception, certificate = row.decode(
        data, (str, bytes, bytes, bytes), what="rotation", limit=PENDING_LIMIT_BYTES
    )
    if version != _VERSION:
        raise Refusal("ROTATION-UNREADABLE", f"{path} is of no known version.", status=503)
    keys = Keys(SigningKey.from_seeds(signing), ReceptionKey.from_seeds(reception))
    return _Pending(keys, Certificate.from_bytes(certificate))
