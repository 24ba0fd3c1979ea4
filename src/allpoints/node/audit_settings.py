"""Settings on the node's audit log, and on the watch that reads it."""

from allpoints.node import watch_settings
from allpoints.node.setting import Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "audit",
        "kept_days",
        int,
        1_825,
        "For how many days audit lines name officers and what was asked; then that is erased, and proofs hold. "
        "0: for ever.",
    ),
    *watch_settings.SETTINGS,
)
