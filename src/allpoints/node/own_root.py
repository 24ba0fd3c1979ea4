"""The root in a secretariat's folder, and the key with which a network for trials approves what it does."""

from collections.abc import Sequence
from pathlib import Path

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Refusal
from allpoints.identity.approval import approve, check_approvals
from allpoints.identity.holder_key import HOLDER_SEEDS_BYTES, HolderKey
from allpoints.identity.keys import VerifyKey
from allpoints.identity.root import ROOT_LIMIT_BYTES, Root, RootHolder
from allpoints.identity.root_files import Services, read_root_file, write_services
from allpoints.node.credentials import Credentials

ROOT_FILE = "root"
SERVICES_FILE = "services.json"
TRIAL_HOLDER_FILE = "trial-holder.key"
TRIAL_APPROVAL_MS = DAY
"""How long the approval is good that a network for trials gives itself."""


def make_trial(network: str, name: str, services: tuple[VerifyKey, VerifyKey]) -> tuple[HolderKey, Root]:
    """A root of one holder, and its key; ``services`` are the keys of secretariat and relay."""
    key = HolderKey.generate()
    holder = RootHolder(f"Trial holder of {name}", key.public)
    return key, Root.draft(network, 1, 1, [holder], services).signed(key)


def ask(folder: Path, services: Services) -> None:
    """Write the file from which the holders draft the root that names these services."""
    (folder / SERVICES_FILE).write_text(write_services(services), encoding="utf-8")


def take(folder: Path, services: Services, text: str) -> Root:
    """Keep the first root, once enough of its holders signed it and it names the keys of this secretariat and relay.

    Raises Refusal ROOT-TWICE where there is one: the root of a network is changed by its holders, not by a file.
    """
    root = read_root_file(text)
    root.check_first(services.network)
    for one in (services.secretariat, services.relay):
        root.check_service(one, services.secretariat.verify_key)
    try:
        with (folder / ROOT_FILE).open("xb") as file:
            file.write(root.to_bytes())
    except FileExistsError as error:
        raise Refusal(
            "ROOT-TWICE", "This secretariat has a root already.", path="root", status=409
        ) from error
    return root


def read_root(folder: Path) -> Root:
    """The first root of the network, as it lies in the folder; NOT-JOINED before the holders made it."""
    if not (folder / ROOT_FILE).is_file():
        raise Refusal(
            "NOT-JOINED",
            "The holders have not made the root of this network yet.",
            hint=f"Give them {folder / SERVICES_FILE}, then run allpoints join with the root that they signed.",
            status=409,
        )
    return Root.from_bytes(_read(folder / ROOT_FILE, ROOT_LIMIT_BYTES))


def approved(
    me: Credentials, root: Root, act: str, subject: bytes, given: Sequence[bytes], now_ms: int
) -> list[bytes]:
    """The approvals that an entry carries: those given, or the one that a network for trials gives itself.

    Raises Refusal APPROVALS-NEEDED for none at all, and what ``check_approvals`` raises.
    """
    listed = list(given)
    if not listed and me.holder is not None and root.holder(me.holder.public.id) is not None:
        listed = [approve(root, me.holder, act, subject, now_ms + TRIAL_APPROVAL_MS).to_bytes()]
    if not listed:
        raise Refusal(
            "APPROVALS-NEEDED",
            f"{root.threshold} of {len(root.holders)} holders of the root have to approve this.",
            path="approvals",
            hint="Give each the file, for allpoints root approve, and come back with what they send: --approval.",
            status=403,
        )
    check_approvals(root, listed, act, subject, now_ms)
    return listed


def trial_holder(folder: Path) -> HolderKey | None:
    """The key of a network for trials; none where people hold the root."""
    path = folder / TRIAL_HOLDER_FILE
    return HolderKey(_read(path, HOLDER_SEEDS_BYTES)) if path.is_file() else None


def _read(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit + 1)
