"""Settings on how much one peer, and one address, may ask of a node."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from allpoints.node.quotas import MIB, LineLimits
from allpoints.node.setting import Setting, are_blocks

if TYPE_CHECKING:
    from allpoints.node.settings import Settings

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "lines", "frames", int, 5_000, "How many frames a second one peer may send; four seconds' at once."
    ),
    Setting("lines", "mebibytes", int, 32, "How many MiB a second one peer may send; four seconds' at once."),
    Setting("lines", "waiting_mebibytes", int, 16, "How many MiB of one peer may wait to be worked on."),
    Setting(
        "lines",
        "patience_seconds",
        int,
        300,
        "How long a peer may push against its quota, being slowed, before its line is closed.",
    ),
    Setting(
        "http",
        "trusted_proxies",
        str,
        "",
        "Proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas; by default nobody.",
    ),
    Setting(
        "http",
        "checks",
        int,
        2_000,
        "How many checks a second are taken from one address; four seconds' at once.",
    ),
    Setting(
        "http",
        "sign_ins",
        int,
        120,
        "How many steps of signing in, enrolling and proving are taken from one address a minute.",
    ),
    Setting(
        "http",
        "open_requests",
        int,
        500,
        "How many requests, open pages and lines of one address are under way at once.",
    ),
)
_NUMBERS = tuple(setting.path for setting in SETTINGS if setting.kind is int)
_MOST = 1_000_000


def rules(values: Mapping[str, Any]) -> tuple[tuple[str, bool, str], ...]:
    """What must hold of these settings: path, whether it does, and the sentence if it does not."""
    return (
        *((path, 1 <= values[path] <= _MOST, f"A quota is a number from 1 to {_MOST}.") for path in _NUMBERS),
        (
            "http.trusted_proxies",
            are_blocks(values["http.trusted_proxies"]),
            "Trusted proxies are addresses or networks, such as 10.0.0.5 or 10.0.0.0/24.",
        ),
    )


def line_limits(settings: "Settings") -> LineLimits:
    """The quotas of each line of this node."""
    return LineLimits(
        settings.number("lines.frames"),
        settings.number("lines.mebibytes") * MIB,
        settings.number("lines.patience_seconds"),
    )
