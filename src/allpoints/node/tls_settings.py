"""Settings on TLS: whether this node speaks it itself, and whom it takes and believes in it."""

from collections.abc import Mapping
from typing import Any

from allpoints.node.dialling import ANY, UPPER
from allpoints.node.setting import Setting

MUTUAL = "mutual"
KNOWN = "known"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "web",
        "certificate",
        str,
        "",
        "A PEM file with the TLS certificate that browsers are shown. Content between nodes is sealed without it.",
    ),
    Setting("web", "key", str, "", "The PEM file with the private key of web.certificate."),
    Setting(
        "web",
        "secure_cookies",
        bool,
        False,
        "Mark session cookies for TLS only, where TLS ends before this node. With web.certificate they always are.",
    ),
    Setting(
        "tls",
        "serve",
        bool,
        False,
        "Speak TLS in this process, with a certificate that this node's own keys sign; true with web.certificate.",
    ),
    Setting(
        "tls",
        "lines",
        str,
        MUTUAL,
        "Where this node speaks TLS: take lines with a certificate of the network alone (mutual), or any.",
    ),
    Setting(
        "tls",
        "clients",
        str,
        ANY,
        "Where this node speaks TLS: let any browser and program speak to it, or nodes and its own commands alone (known).",
    ),
    Setting(
        "tls",
        "upper",
        str,
        ANY,
        "Who vouches for an upper node behind https: tree (the network's certificates), authorities (of this machine), any.",
    ),
)


def rules(values: Mapping[str, Any]) -> tuple[tuple[str, bool, str], ...]:
    """What must hold of these settings: path, whether it does, and the sentence if it does not."""
    certified = bool(values["web.certificate"])
    return (
        ("web.key", bool(values["web.key"]) == certified, "web.certificate and web.key go together."),
        ("tls.lines", values["tls.lines"] in {MUTUAL, ANY}, "Lines are mutual or any."),
        ("tls.clients", values["tls.clients"] in {KNOWN, ANY}, "Clients are known or any."),
        ("tls.upper", values["tls.upper"] in UPPER, f"The upper node is vouched for by {', '.join(UPPER)}."),
    )
