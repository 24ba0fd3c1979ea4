"""Settings on the node's audit log."""

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
)
