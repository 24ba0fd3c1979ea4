"""A stopped secretariat takes the next version of the root, and the keys that it names, in the place of its present ones.

The entry is signed by the present key and appended by the relay with its next one, both in this folder; then the keys are
replaced. Each step can be taken again: after a power cut ``finish`` does the rest.
"""

from contextlib import closing
from pathlib import Path

import msgspec

from allpoints.ground.clock import Clock
from allpoints.ground.disk import FolderDisk
from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.certificate import Certificate, issue
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.keystore import Keys, KeyStore, replace_file
from allpoints.identity.root import ROOT_LIMIT_BYTES, Root, key_hash
from allpoints.identity.root_change import RootChange
from allpoints.identity.root_files import Services, read_root_file
from allpoints.node import founding, frames, own_root, root_changes, setting_up
from allpoints.node.bureau import Bureau
from allpoints.node.credentials import Credentials
from allpoints.node.lines import Lines
from allpoints.node.relay import Relay
from allpoints.node.settings import Settings
from allpoints.vocabulary.loading import load

NEXT_KEYS_FILE = "next-service-keys.cbor"
PENDING_FILE = "root-change.cbor"
PENDING_LIMIT_BYTES = ROOT_LIMIT_BYTES + 32 * 1024

_VERSION = "allpoints/root-change/1"


def services(settings: Settings, clock: Clock, *, new_keys: bool) -> Services:
    """What the next version of the root is to name: the present keys of secretariat and relay, or next ones, made once."""
    me, relay = _both(settings)
    if not new_keys:
        return Services(me.network, me.certificate, relay.certificate)
    for folder in _folders(settings):
        if not (folder / NEXT_KEYS_FILE).is_file():
            KeyStore(folder, NEXT_KEYS_FILE).save(Keys(SigningKey.generate(), ReceptionKey.generate()))
    return _next(settings, clock)


def change(settings: Settings, text: str, clock: Clock) -> Root:
    """Write the next version of the root, read from its file, to the ledger, and take the keys that it names.

    For whoever holds the folder alone. Raises Refusal ROOT-EARLY, NOT-IN-ROOT, and what ``RootChange.check`` raises.
    """
    finish(settings, clock)
    me, _ = _both(settings)
    root = read_root_file(text)
    with closing(_desk(settings, me, clock)) as desk, closing(_relay(settings, me, clock)) as relay:
        if desk.outbox.waiting() or desk.following.size != relay.size:
            raise Refusal(
                "ROOT-EARLY",
                "Something waits to be written, or to be heard, at this secretariat.",
                hint="Serve the node until nothing waits to be sent, and stop it.",
                status=409,
            )
        present = desk.following.directory.root
        if me.holder is not None and present.holder(me.holder.public.id) is not None:
            root = root.signed(me.holder)
        changed = _change(settings, root, clock)
        desk.following.directory.copy().change_root(changed, relay.size + 1)
    parts = (changed.root, changed.secretariat, changed.relay)
    replace_file(settings.folder / PENDING_FILE, row.encode(_VERSION, *(one.to_bytes() for one in parts)))
    finish(settings, clock)
    return root


def finish(settings: Settings, clock: Clock) -> None:
    """Do what is left of a change that was begun in this folder; nothing if none was."""
    path = settings.folder / PENDING_FILE
    if not path.is_file():
        return
    changed = _pending(path)
    _append(settings, changed, clock)
    for folder, certificate in zip(_folders(settings), (changed.secretariat, changed.relay), strict=True):
        _take(folder, certificate)
    me, _ = _both(settings)
    if me.holder is not None and changed.root.holder(me.holder.public.id) is None:
        (settings.folder / own_root.TRIAL_HOLDER_FILE).unlink()
    path.unlink()


def _append(settings: Settings, changed: RootChange, clock: Clock) -> None:
    me, _ = _both(settings)
    with closing(_relay(settings, me, clock, changed.relay)) as relay:
        if relay.directory.root.version >= changed.root.version:
            return
        with closing(_desk(settings, me, clock)) as desk:
            if not desk.outbox.waiting():
                body = root_changes.pack(changed)
                desk.do(lambda: desk.outbox.write_clear(root_changes.CHANGED, body))
            handed_in = frames.encode(frames.Append(desk.outbox.entries()))
        relay.do(lambda: relay.receive(me.name, handed_in))
        if relay.directory.root.version != changed.root.version:
            raise Refusal(
                "ROOT-REFUSED", "The relay of this secretariat did not append the change.", status=409
            )


def _take(folder: Path, certificate: Certificate) -> None:
    """Put the certificate that the root names now, and its keys, in the place of the present ones."""
    present = founding.certificate(folder)
    if present != certificate and not (folder / founding.FIRST_CERTIFICATE_FILE).is_file():
        replace_file(folder / founding.FIRST_CERTIFICATE_FILE, present.to_bytes())
    held = KeyStore(folder).load()
    if held.signing.public != certificate.verify_key:
        following = KeyStore(folder, NEXT_KEYS_FILE).load()
        KeyStore(folder).replace(msgspec.structs.replace(following, former=(held.reception, *held.former)))
    replace_file(folder / founding.CERTIFICATE_FILE, certificate.to_bytes())
    (folder / NEXT_KEYS_FILE).unlink(missing_ok=True)


def _change(settings: Settings, root: Root, clock: Clock) -> RootChange:
    me, relay = _both(settings)
    if root.secretariat == key_hash(me.certificate.verify_key):
        return RootChange(root, me.certificate, relay.certificate)
    if not all((folder / NEXT_KEYS_FILE).is_file() for folder in _folders(settings)):
        raise Refusal(
            "NOT-IN-ROOT",
            "This root names other keys than those of this secretariat, and no next ones were made here.",
            path="root",
            hint="The holders draft it from what allpoints root services writes.",
            status=403,
        )
    following = _next(settings, clock)
    return RootChange(root, following.secretariat, following.relay)


def _next(settings: Settings, clock: Clock) -> Services:
    """Certificates by the next keys; made anew each time, since the root names the keys alone."""
    me, relay = _both(settings)
    own, relays = (KeyStore(folder, NEXT_KEYS_FILE).load() for folder in _folders(settings))
    return Services(
        me.network,
        _issued(me.certificate, own, own.signing, clock.now()),
        _issued(relay.certificate, relays, own.signing, clock.now()),
    )


def _issued(present: Certificate, keys: Keys, issuer: SigningKey, now_ms: int) -> Certificate:
    holder = msgspec.structs.replace(
        present.holder, verify_key=keys.signing.public, reception_key=keys.reception.public
    )
    return issue(
        present.issuer,
        issuer,
        holder,
        not_before_ms=now_ms - setting_up.SKEW_MS,
        not_after_ms=now_ms + setting_up.LONG_MS,
    )


def _both(settings: Settings) -> tuple[Credentials, Credentials]:
    if settings.role != "secretariat":
        raise Refusal("NOT-SECRETARIAT", "The secretariat takes the root in.", path="node.role", status=409)
    me = setting_up.credentials(settings)
    return me, setting_up.relay_credentials(settings, me)


def _folders(settings: Settings) -> tuple[Path, Path]:
    return settings.folder, settings.folder / founding.RELAY_FOLDER


def _desk(settings: Settings, me: Credentials, clock: Clock) -> Bureau:
    return Bureau(FolderDisk(settings.folder), clock, Lines(), me, load(settings.vocabulary_folders))


def _relay(
    settings: Settings, me: Credentials, clock: Clock, certificate: Certificate | None = None
) -> Relay:
    """The relay of this folder, talking to nobody; with a next certificate, as it will be."""
    relay, folder = setting_up.relay_credentials(settings, me), settings.folder / founding.RELAY_FOLDER
    if certificate is not None and certificate.verify_key != relay.signing.public:
        keys = KeyStore(folder, NEXT_KEYS_FILE).load()
        relay = msgspec.structs.replace(
            relay, signing=keys.signing, reception=keys.reception, certificate=certificate
        )
    return Relay(FolderDisk(folder), clock, Lines(), relay)


def _pending(path: Path) -> RootChange:
    with path.open("rb") as file:
        data = file.read(PENDING_LIMIT_BYTES + 1)
    version, *parts = row.decode(
        data, (str, bytes, bytes, bytes), what="root change", limit=PENDING_LIMIT_BYTES
    )
    if version != _VERSION:
        raise Refusal("ROOT-CHANGE-UNREADABLE", f"{path} is of no known version.", status=503)
    return RootChange.from_bytes(*parts)
