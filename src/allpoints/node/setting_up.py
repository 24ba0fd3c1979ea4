"""How a node comes to be: keys and settings made here, a request out, an admission in."""

import secrets
from pathlib import Path

from allpoints.ground.clock import DAY, HOUR, Clock
from allpoints.ground.refusal import Refusal
from allpoints.identity.admission import Admission, read_admission
from allpoints.identity.certificate import Certificate, Holder, commitment, issue
from allpoints.identity.joining import JoinRequest, make_join_request
from allpoints.identity.keys import ReceptionKey, SigningKey
from allpoints.identity.keystore import (
    Keys,
    KeyStore,
    keys_for,
    make_next,
    replace_file,
    take_new,
    write_secret,
)
from allpoints.identity.names import BUREAU
from allpoints.identity.witness_key import WITNESS_SEED_BYTES, WitnessKey
from allpoints.ledger.log_key import LogKey
from allpoints.node import founding, own_root
from allpoints.node import settings as node_settings
from allpoints.node.credentials import Credentials
from allpoints.node.founding import Wish
from allpoints.node.settings import Settings

LONG_MS = 5 * 365 * DAY
POST_MS = 30 * DAY
SKEW_MS = HOUR
"""A certificate is good a little before it was made, so that a neighbour's slow clock does not refuse it."""

ADMISSION_FILE = "admission.json"
REQUEST_FILE = "join-request.json"
INDEX_KEY_FILE = "index.key"
STORAGE_KEY_FILE = "storage.key"
WITNESS_KEY_FILE = "witness.key"
TOKEN_FILE = "operator.token"  # noqa: S105 - a file's name


def init(folder: Path, wish: Wish, clock: Clock) -> JoinRequest | None:
    """Make a node's folder with keys and settings; a bureau or post gets a join request, a secretariat a network."""
    if wish.role not in node_settings.ROLES:
        raise Refusal("INIT-ROLE", f"A role is one of {', '.join(node_settings.ROLES)}.", path="role")
    if wish.role == "secretariat" and not wish.network:
        raise Refusal("INIT-NETWORK", "A secretariat needs a name for its network.", path="network")
    # Everything is checked before anything is written: keys that are there once are never made again.
    keys = Keys(SigningKey.generate(), ReceptionKey.generate())
    _holder(wish, keys).check()
    values = _values(wish)
    node_settings.check(values)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    KeyStore(folder).save(keys)
    following = commitment(make_next(folder)) if wish.role == BUREAU else b""
    for name in (INDEX_KEY_FILE, STORAGE_KEY_FILE):
        write_secret(folder / name, secrets.token_bytes(32))
    if wish.role == "bureau":
        write_secret(folder / WITNESS_KEY_FILE, WitnessKey.generate().seed)
    node_settings.write(folder, values)
    if wish.role == "secretariat":
        founding.found(folder, wish, keys, _own_certificate(wish, keys, clock.now()))
        return None
    now = clock.now()
    own = None if wish.role == "post" else _own_certificate(wish, keys, now, following)
    request = make_join_request(_holder(wish, keys), keys.signing, now, own)
    (folder / REQUEST_FILE).write_text(request.write(), encoding="utf-8")
    return request


def _values(wish: Wish) -> dict[str, object]:
    values: dict[str, object] = {
        "node.role": wish.role,
        "node.name": wish.name,
        "node.label": wish.label,
        "web.host": wish.host,
        "web.port": wish.port,
    }
    if wish.network:
        values["network.name"] = wish.network
    return values


def _holder(wish: Wish, keys: Keys) -> Holder:
    return Holder(wish.name, wish.role, wish.name[:3], wish.label, keys.signing.public, keys.reception.public)


def _own_certificate(wish: Wish, keys: Keys, now_ms: int, next_key: bytes = b"") -> Certificate:
    return issue(
        wish.name,
        keys.signing,
        _holder(wish, keys),
        not_before_ms=now_ms - SKEW_MS,
        not_after_ms=now_ms + LONG_MS,
        next_key=next_key,
    )


def renew(folder: Path, clock: Clock) -> JoinRequest:
    """Make a certificate of a new term for a bureau's own keys, and the request to have it admitted.

    A post asks with the request that it has: its bureau signs a new certificate each time.
    """
    if node_settings.load(folder, {}).role != BUREAU:
        raise Refusal(
            "RENEW-ROLE",
            "Only a bureau renews a certificate that it signed for itself.",
            hint=f"A post's bureau admits {REQUEST_FILE} of the post again.",
            status=409,
        )
    own = held_admission(folder).own
    keys, now = KeyStore(folder).load(), clock.now()
    renewed = issue(
        own.subject,
        keys.signing,
        own.holder,
        not_before_ms=now - SKEW_MS,
        not_after_ms=now + LONG_MS,
        next_key=own.next_key,
    )
    request = make_join_request(own.holder, keys.signing, now, renewed)
    (folder / REQUEST_FILE).write_text(request.write(), encoding="utf-8")
    return request


def join(folder: Path, text: str, clock: Clock) -> Admission:
    """Take an admission in: check that it is for this node's keys and that its chain holds, then keep it."""
    admission = read_admission(text)
    key = admission.own.verify_key
    admission.check(keys_for(folder, key).signing.public, clock.now())
    # The keys first: whoever is stopped here joins again with the same file.
    take_new(folder, key)
    replace_file(folder / ADMISSION_FILE, text.encode())
    held = node_settings.load(folder, {})
    values = {setting.path: origin.value for setting, origin in held.rows() if origin.origin != "default"}
    values["network.name"] = admission.network
    values["network.address"] = admission.address
    node_settings.write(folder, values)
    return admission


def admission_for_bureau(me: Credentials, request: JoinRequest, address: str) -> Admission:
    """What the secretariat gives a bureau that it has admitted."""
    if request.certificate is None:
        raise Refusal("ADMIT-REQUEST", "This request is not one of a bureau.", path="certificate")
    return admission_of(me, request.certificate, address)


def admission_of(me: Credentials, certificate: Certificate, address: str) -> Admission:
    """The same for a bureau's certificate alone."""
    if me.upper is None:
        raise Refusal("NO-RELAY", "This node follows nobody.", status=503)
    return Admission(me.network, address, me.root, me.secretariat, me.upper, certificate)


def admission_for_post(me: Credentials, request: JoinRequest, address: str, now_ms: int) -> Admission:
    """What a bureau gives a post of its own: a certificate for a month, and whom to trust."""
    holder = request.holder
    if holder.role != "post" or holder.member != me.member:
        raise Refusal("ADMIT-REQUEST", f"This is no request of a post of {me.member}.", path="subject")
    own = issue(me.name, me.signing, holder, not_before_ms=now_ms - SKEW_MS, not_after_ms=now_ms + POST_MS)
    return Admission(me.network, address, me.root, me.secretariat, me.certificate, own)


def credentials(settings: Settings) -> Credentials:
    """Who the node in this folder is; refuses one that has not joined yet."""
    keys = KeyStore(settings.folder).load()
    index_key, storage_key = (
        (settings.folder / name).read_bytes() for name in (INDEX_KEY_FILE, STORAGE_KEY_FILE)
    )
    if settings.role == "secretariat":
        own = founding.certificate(settings.folder)
        upper = founding.first_certificate(settings.folder / founding.RELAY_FOLDER)
        secretariat = founding.first_certificate(settings.folder)
        network, address = settings.text("network.name"), settings.address
        root = own_root.read_root(settings.folder)
    else:
        admission = held_admission(settings.folder)
        own, upper, secretariat = admission.own, admission.peer, admission.secretariat
        root = admission.root
        network, address = admission.network, settings.text("network.address")
    return Credentials(
        own.subject,
        own.role,
        own.member,
        network,
        keys.signing,
        keys.reception,
        own,
        root,
        secretariat,
        upper,
        address,
        index_key,
        storage_key,
        _witness(settings.folder),
        _log_key(settings.folder) if settings.role == "secretariat" else None,
        keys.former,
        own_root.trial_holder(settings.folder),
    )


def witness_key(settings: Settings) -> WitnessKey:
    """The key with which this bureau cosigns the ledger; made if there is none. Raises Refusal WITNESS-ROLE."""
    if settings.role != "bureau":
        raise Refusal("WITNESS-ROLE", "Members' bureaus witness the ledger.", path="node.role", status=409)
    path = settings.folder / WITNESS_KEY_FILE
    if not path.is_file():
        write_secret(path, WitnessKey.generate().seed)
    return WitnessKey(_read_seed(path))


def _witness(folder: Path) -> WitnessKey | None:
    path = folder / WITNESS_KEY_FILE
    return WitnessKey(_read_seed(path)) if path.is_file() else None


def _read_seed(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(WITNESS_SEED_BYTES + 1)


def _log_key(folder: Path) -> LogKey:
    return LogKey(_read_seed(folder / founding.RELAY_FOLDER / founding.LOG_KEY_FILE))


def held_admission(folder: Path) -> Admission:
    """The admission with which this node has joined (NOT-JOINED)."""
    path = folder / ADMISSION_FILE
    if not path.is_file():
        raise Refusal(
            "NOT-JOINED",
            "This node has not joined a network yet.",
            hint=f"Send {folder / REQUEST_FILE} to be admitted, then run allpoints join with the answer.",
            status=409,
        )
    return read_admission(path.read_text(encoding="utf-8"))


def relay_credentials(settings: Settings, desk: Credentials) -> Credentials:
    """Who the relay in the folder of a secretariat's desk is."""
    folder = settings.folder / founding.RELAY_FOLDER
    keys = KeyStore(folder).load()
    own = founding.certificate(folder)
    network = settings.text("network.name")
    return Credentials(
        own.subject,
        own.role,
        own.member,
        network,
        keys.signing,
        keys.reception,
        own,
        desk.root,
        desk.secretariat,
        log=_log_key(settings.folder),
        former=keys.former,
        first_relay=founding.first_certificate(folder),
    )


def write_token(folder: Path, token: str) -> None:
    """Keep the operator's token for commands on this machine, readable by its owner alone."""
    path = folder / TOKEN_FILE
    path.unlink(missing_ok=True)
    write_secret(path, token.encode())
