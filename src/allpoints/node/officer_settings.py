"""Settings on how officers prove who they are, and what follows from them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allpoints.ground.refusal import Refusal
from allpoints.identity.ceremonies import ATTESTATIONS, PACKED_ATTESTATION, Policy
from allpoints.identity.emergency import Terms
from allpoints.node import card_settings, provider_settings
from allpoints.node.setting import Setting, words

if TYPE_CHECKING:
    from allpoints.node.settings import Settings

ROOTS_LIMIT_BYTES = 256 * 1024
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "officers",
        "passwords",
        bool,
        True,
        "Let officers sign in with generated passwords beside passkeys; false leaves passkeys alone.",
    ),
    Setting(
        "officers",
        "site",
        str,
        "",
        "The domain that passkeys are bound to, if it is not the host of web.address. Changed, all passkeys end.",
    ),
    Setting(
        "officers",
        "attestation",
        str,
        "none",
        "Whether a new passkey must prove who made it: none, or packed with officers.attestation_roots.",
    ),
    Setting(
        "officers",
        "attestation_roots",
        str,
        "",
        "A PEM file with the certificates of the makers whose passkeys are taken; relative to the node's folder.",
    ),
    Setting(
        "officers",
        "models",
        str,
        "",
        "The models of passkeys that are taken, as AAGUIDs separated by commas; empty for all.",
    ),
    *provider_settings.SETTINGS,
    *card_settings.SETTINGS,
    Setting(
        "emergency",
        "allowed",
        bool,
        False,
        "Let officers open, for a reason and half an hour, what is closed to them; every access is reviewed.",
    ),
    Setting(
        "emergency",
        "never",
        str,
        "child-exploitation-hashes",
        "The registers that are never opened in an emergency, by name, separated by commas.",
    ),
)


def rules(values: Mapping[str, Any]) -> tuple[tuple[str, bool, str], ...]:
    """What must hold of these settings: path, whether it does, and the sentence if it does not."""
    return (
        (
            "officers.attestation",
            values["officers.attestation"] in ATTESTATIONS,
            f"Attestation is one of {', '.join(ATTESTATIONS)}.",
        ),
        (
            "officers.attestation_roots",
            values["officers.attestation"] != PACKED_ATTESTATION
            or bool(values["officers.attestation_roots"]),
            "Packed attestation needs the makers' certificates.",
        ),
        *provider_settings.rules(values),
        *card_settings.rules(values),
    )


def passkey_policy(settings: "Settings") -> Policy:
    """Which passkeys this node takes; raises Refusal SETTINGS-ROOTS for a file without certificates."""
    address = urlsplit(settings.address)
    given = settings.text("officers.attestation_roots")
    return Policy(
        site=settings.text("officers.site") or address.hostname or "localhost",
        origins=(f"{address.scheme}://{address.netloc}",),
        attestation=settings.text("officers.attestation"),
        models=frozenset(words(settings.text("officers.models").lower())),
        roots=_roots(settings.folder / given) if given else (),
    )


def emergency_terms(settings: "Settings") -> Terms:
    """What this node lets officers open in an emergency."""
    return Terms(settings.flag("emergency.allowed"), frozenset(words(settings.text("emergency.never"))))


def _roots(path: Path) -> tuple[bytes, ...]:
    if not path.is_file() or path.stat().st_size > ROOTS_LIMIT_BYTES:
        found = []
    else:
        found = _PEM.findall(path.read_bytes())
    if not found:
        raise Refusal(
            "SETTINGS-ROOTS",
            f"There are no certificates in {path}.",
            path="officers.attestation_roots",
            hint="Name a file with the makers' certificates in PEM.",
        )
    return tuple(found)
