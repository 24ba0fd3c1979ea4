"""How a network comes to be: its secretariat, the relay with keys of its own, and the root that speaks for both."""

from pathlib import Path
from typing import NamedTuple

from allpoints.identity.certificate import Certificate, Holder, issue
from allpoints.identity.keystore import Keys, KeyStore, write_secret
from allpoints.identity.names import RELAY
from allpoints.identity.root import Root
from allpoints.identity.root_files import Services, write_root_file
from allpoints.ledger.log_key import LogKey
from allpoints.node import own_root
from allpoints.node import settings as node_settings

LOG_KEY_FILE = "log.key"
RELAY_FOLDER = "relay"
CERTIFICATE_FILE = "certificate"
FIRST_CERTIFICATE_FILE = "first-certificate"


class Wish(NamedTuple):
    """What ``init`` is asked to make. ``name`` is XAV for a bureau or secretariat, XBM/post-1 for a post."""

    role: str
    name: str
    label: str
    network: str
    host: str
    port: int
    ceremony: bool = False
    """Whether people hold the root of the network that is founded; else it is one for trials."""


def found(folder: Path, wish: Wish, keys: Keys, own: Certificate) -> None:
    """Make the network around the secretariat's keys and certificate: a relay, and a root for trials or none yet."""
    relay_folder = folder / RELAY_FOLDER
    relay_folder.mkdir(mode=0o700)
    relay_keys = KeyStore(relay_folder).create()
    relay = issue(
        wish.name,
        keys.signing,
        Holder(
            f"{wish.name}/relay",
            RELAY,
            wish.name,
            f"Relay of {wish.label}",
            relay_keys.signing.public,
            relay_keys.reception.public,
        ),
        not_before_ms=own.not_before_ms,
        not_after_ms=own.not_after_ms,
    )
    write_secret(relay_folder / LOG_KEY_FILE, LogKey.generate().seed)
    (folder / CERTIFICATE_FILE).write_bytes(own.to_bytes())
    (relay_folder / CERTIFICATE_FILE).write_bytes(relay.to_bytes())
    if wish.ceremony:
        own_root.ask(folder, Services(wish.network, own, relay))
        return
    services = (keys.signing.public, relay_keys.signing.public)
    holder, root = own_root.make_trial(wish.network, wish.name, services)
    write_secret(folder / own_root.TRIAL_HOLDER_FILE, holder.seeds)
    (folder / own_root.ROOT_FILE).write_bytes(root.to_bytes())
    # For people, who replace it by one that they hold.
    (folder / f"{own_root.ROOT_FILE}.json").write_text(write_root_file(root), encoding="utf-8")


def take_root(folder: Path, text: str) -> Root:
    """Take in the root that the holders made for the secretariat in this folder; refusals as ``own_root.take``."""
    network = node_settings.load(folder, {}).text("network.name")
    own, relay = (certificate(path) for path in (folder, folder / RELAY_FOLDER))
    return own_root.take(folder, Services(network, own, relay), text)


def certificate(folder: Path) -> Certificate:
    """The certificate of the secretariat or the relay that lies in its folder."""
    return Certificate.from_bytes((folder / CERTIFICATE_FILE).read_bytes())


def first_certificate(folder: Path) -> Certificate:
    """The one with which it began, whatever keys it has by now."""
    first = folder / FIRST_CERTIFICATE_FILE
    return Certificate.from_bytes(first.read_bytes()) if first.is_file() else certificate(folder)
