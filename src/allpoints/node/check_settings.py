"""Settings on the processes that answer checks beside the node's own."""

from collections.abc import Mapping
from typing import Any

from allpoints.node.dialling import ANY
from allpoints.node.setting import Setting

WORKERS_LIMIT = 64

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "checks",
        "workers",
        int,
        0,
        "How many processes answer checks beside this node's own, at most one for each core; 0: none. Bureaus only.",
    ),
    Setting("checks", "port", int, 8480, "The port on which check workers answer, on the host web.host."),
)


def rules(values: Mapping[str, Any]) -> tuple[tuple[str, bool, str], ...]:
    """What must hold of these settings: path, whether it does, and the sentence if it does not."""
    workers, port = values["checks.workers"], values["checks.port"]
    return (
        ("checks.workers", 0 <= workers <= WORKERS_LIMIT, f"A node has at most {WORKERS_LIMIT} workers."),
        (
            "checks.workers",
            not workers or values["node.role"] != "post",
            "A post answers its own checks; workers are for bureaus.",
        ),
        (
            "checks.workers",
            not (workers and values["tls.serve"] and not values["web.certificate"]),
            "Workers speak TLS with web.certificate alone: set it, or let TLS end before them.",
        ),
        (
            "checks.workers",
            not workers or values["tls.clients"] == ANY,
            "Workers do not ask callers for certificates: with them, tls.clients is any.",
        ),
        ("checks.port", 1 <= port <= 65_535, "A port is a number from 1 to 65535."),
        ("checks.port", not workers or port != values["web.port"], "Workers need a port of their own."),
    )
