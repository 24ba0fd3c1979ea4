"""The file with a node's private keys: whole or absent, and readable by its owner alone."""

import os
import stat
from pathlib import Path

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import row
from allpoints.identity.keys import (
    RECEPTION_SEED_BYTES,
    SIGNING_SEEDS_BYTES,
    ReceptionKey,
    SigningKey,
    VerifyKey,
)

FILE_NAME = "keys.cbor"
FILE_LIMIT_BYTES = 4096
FORMER_LIMIT = 100
"""How many earlier reception keys are kept, to open again what was sealed to them."""

_VERSION = "allpoints/keys/2"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Keys(msgspec.Struct, frozen=True):
    """The two private keys of a node, and the reception keys it had before, the newest first."""

    signing: SigningKey
    reception: ReceptionKey
    former: tuple[ReceptionKey, ...] = ()


class KeyStore:
    """Keeps the keys of one node in ``folder`` (mode 0700) as ``keys.cbor`` (mode 0600)."""

    def __init__(self, folder: Path, name: str = FILE_NAME) -> None:
        self._folder = folder
        self._name = name

    @property
    def path(self) -> Path:
        return self._folder / self._name

    def exists(self) -> bool:
        return os.path.lexists(self.path)

    def create(self) -> Keys:
        """Make new keys and write them; keys that are there already are never replaced (``KEYS-EXIST``)."""
        keys = Keys(SigningKey.generate(), ReceptionKey.generate())
        self.save(keys)
        return keys

    def save(self, keys: Keys) -> None:
        """Write ``keys`` where there were none (``KEYS-EXIST``), on the disk before this returns."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._check_folder()
        if self.exists():
            raise Refusal(
                "KEYS-EXIST",
                f"There are keys in {self._folder} already.",
                hint="Choose another folder: lost keys cannot be made again.",
                status=409,
            )
        _write(self.path, _encode(keys))

    def replace(self, keys: Keys) -> None:
        """Put ``keys`` in the place of those that are there, whole or not at all."""
        self._check_folder()
        replace_file(self.path, _encode(keys))

    def load(self) -> Keys:
        """Read the keys; refuses missing, damaged or exposed ones."""
        self._check_folder()
        fields = row.decode(self._read(), (str, bytes, bytes, bytes), what="key file", limit=FILE_LIMIT_BYTES)
        version, signing, reception, former = fields
        if (
            version != _VERSION
            or len(signing) != SIGNING_SEEDS_BYTES
            or len(reception) != RECEPTION_SEED_BYTES
            or len(former) % RECEPTION_SEED_BYTES
        ):
            raise Refusal("KEY-FILE-UNREADABLE", f"{self.path} holds no keys of a known version.", status=503)
        seeds = [former[at : at + RECEPTION_SEED_BYTES] for at in range(0, len(former), RECEPTION_SEED_BYTES)]
        return Keys(
            SigningKey.from_seeds(signing),
            ReceptionKey.from_seeds(reception),
            tuple(ReceptionKey.from_seeds(seed) for seed in seeds),
        )

    def _read(self) -> bytes:
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise Refusal(
                "KEYS-MISSING",
                f"There are no keys in {self._folder}.",
                hint="Run allpoints init, or restore the folder from its backup.",
                status=503,
            ) from error
        except OSError as error:
            raise Refusal(
                "KEYS-EXPOSED", f"{self.path} cannot be opened as a plain file.", status=503
            ) from error
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Refusal("KEYS-EXPOSED", f"{self.path} is not a plain file.", status=503)
            _check_mode(self.path, status, 0o600)
            return file.read(FILE_LIMIT_BYTES + 1)

    def _check_folder(self) -> None:
        try:
            status = self._folder.stat()
        except OSError as error:
            raise Refusal("KEYS-MISSING", f"There is no folder {self._folder}.", status=503) from error
        if not stat.S_ISDIR(status.st_mode):
            raise Refusal("KEYS-MISSING", f"{self._folder} is not a folder.", status=503)
        _check_mode(self._folder, status, 0o700)


def next_store(folder: Path, key: VerifyKey) -> KeyStore:
    """Where the keys are written that will follow the present ones, named for themselves."""
    return KeyStore(folder, f"next-keys-{key.key_id.hex()[:16]}.cbor")


def new_store(folder: Path) -> KeyStore:
    """Where keys wait that a recovery is to put in the place of those in use."""
    return KeyStore(folder, "new-keys.cbor")


def keys_for(folder: Path, key: VerifyKey) -> Keys:
    """The keys that wait, if ``key`` is theirs; else those in use."""
    waiting = new_store(folder)
    keys = waiting.load() if waiting.exists() else None
    return keys if keys is not None and keys.signing.public == key else KeyStore(folder).load()


def take_new(folder: Path, key: VerifyKey) -> None:
    """Put the keys that wait in the place of those in use, if ``key`` is theirs; may be done twice.

    The reception key from before stays, to open again what was sealed to it.
    """
    keys, before = keys_for(folder, key), KeyStore(folder).load()
    if keys.signing.public != before.signing.public:
        KeyStore(folder).replace(Keys(keys.signing, keys.reception, (before.reception, *before.former)))
    if keys.signing.public == key:
        new_store(folder).path.unlink(missing_ok=True)


def make_next(folder: Path) -> VerifyKey:
    """Make the keys that will follow the present ones, in a file of their own; gives what to commit to."""
    keys = Keys(SigningKey.generate(), ReceptionKey.generate())
    next_store(folder, keys.signing.public).save(keys)
    return keys.signing.public


def _encode(keys: Keys) -> bytes:
    former = b"".join(one.seeds for one in keys.former[:FORMER_LIMIT])
    return row.encode(_VERSION, keys.signing.seeds, keys.reception.seeds, former)


def _check_mode(path: Path, status: os.stat_result, wanted: int) -> None:
    if stat.S_IMODE(status.st_mode) & _OTHERS:
        raise Refusal(
            "KEYS-EXPOSED",
            f"Others on this machine can reach {path} (mode {stat.S_IMODE(status.st_mode):04o}).",
            hint=f"chmod {wanted:o} {path}",
            status=503,
        )
    if status.st_uid != os.geteuid():
        raise Refusal(
            "KEYS-EXPOSED",
            f"{path} belongs to another user of this machine.",
            hint="Run the node as the user who owns its folder.",
            status=503,
        )


def _write(path: Path, content: bytes) -> None:
    # The new file's fixed name, made exclusively, also keeps two set-ups in the same folder apart.
    new = path.with_name(path.name + ".new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise Refusal(
            "KEYS-EXIST",
            f"{new} is left from a set-up that did not finish, or is still running.",
            hint="If none is running, delete that file and start again.",
            status=409,
        ) from error
    _put(new, handle, path, content)


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, and that must not be there yet; it is on the disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read over the one that is there: whole, and on the disk, or not at all.

    For whoever holds the folder alone.
    """
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    _put(new, handle, path, content)


def _put(new: Path, handle: int, path: Path, content: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
