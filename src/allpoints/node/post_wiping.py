"""What a post does when it hears that its bureau has withdrawn it."""

from typing import TYPE_CHECKING

from allpoints.identity import sessions

if TYPE_CHECKING:
    from allpoints.node.post import Post

LINK = "/en/state"


def wipe(post: "Post") -> None:
    """Leave nothing of the extract and let nobody be signed in; what it asked alone stays sealed to its bureau."""
    post.extract.wipe()
    sessions.end_everybody(post.db)
    post.grants.sweep()
    head = "This post was withdrawn by its bureau, and has forgotten its extract"
    post.alerts.raise_(post.clock.now(), "system", head, LINK, urgent=True)
    post.after(lambda: _empty_log_of_writes(post))


def _empty_log_of_writes(post: "Post") -> None:
    """What was written lately lies there too."""
    post.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
