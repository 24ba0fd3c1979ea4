"""The root in a secretariat's folder, and the key with which a network for trials approves what it does."""

from pathlib import Path

from allpoints.identity.holder_key import HOLDER_SEEDS_BYTES, HolderKey
from allpoints.identity.keys import VerifyKey
from allpoints.identity.root import ROOT_LIMIT_BYTES, Root, RootHolder

ROOT_FILE = "root"
TRIAL_HOLDER_FILE = "trial-holder.key"


def make_trial(network: str, name: str, services: tuple[VerifyKey, VerifyKey]) -> tuple[HolderKey, Root]:
    """A root of one holder, and its key; ``services`` are the keys of secretariat and relay."""
    key = HolderKey.generate()
    holder = RootHolder(f"Trial holder of {name}", key.public)
    return key, Root.draft(network, 1, 1, [holder], services).signed(key)


def read_root(folder: Path) -> Root:
    """The first root of the network, as it lies in the folder."""
    return Root.from_bytes(_read(folder / ROOT_FILE, ROOT_LIMIT_BYTES))


def trial_holder(folder: Path) -> HolderKey | None:
    """The key of a network for trials; none where people hold the root."""
    path = folder / TRIAL_HOLDER_FILE
    return HolderKey(_read(path, HOLDER_SEEDS_BYTES)) if path.is_file() else None


def _read(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit + 1)
