"""Who looks at a page, on which node: what the frame around every page shows."""

from allpoints.web.views.common import Link, Tone, View

ROLES = ("border", "desk", "reviewer", "command", "administrator", "overseer", "outsider")


class Banner(View, frozen=True, kw_only=True):
    """What has just happened, once, on top of the next page."""

    tone: Tone = "good"
    title: str
    text: str = ""
    reference: str = ""
    link: Link | None = None


class Session(View, frozen=True, kw_only=True):
    """The frame of a page. ``officer`` is empty before sign-in; ``path`` is the page's own address."""

    path: str
    now_ms: int
    csrf: str
    network: str = "allpoints"
    node: str = ""
    """Node name, such as ``XBM/post-1``."""
    node_label: str = ""
    node_role: str = "bureau"
    member: str = ""
    officer: str = ""
    roles: tuple[str, ...] = ()
    unread: int = 0
    open_hits: int = 0
    open_traces: int = 0
    ends_ms: int = 0
    """When the session ends if nothing is done; 0 while not signed in."""
    emergency_ends_ms: int = 0
    """When the emergency access ends in which this officer reads; 0 without one."""
    banner: Banner | None = None
    language: str = "en"

    @property
    def start(self) -> str:
        """The page that whoever is signed in starts from."""
        return "open" if "outsider" in self.roles else "desk"
