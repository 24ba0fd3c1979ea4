"""A member that rotates its keys in the middle of a play: what it wrote before and after must reach everybody."""

from collections.abc import Callable

from tests.simulator.federation import Federation
from tests.simulator.node import Crashed

ROTATES = "XEL"
"""It has no post: a post is admitted anew by a person afterwards."""


def act(federation: Federation) -> Callable[[], str]:
    """An administrator stops a bureau, rotates its keys and starts it again, with lines as bad as they are."""

    def rotate_keys() -> str:
        node = federation.nodes[ROTATES]
        if node.engine is None:
            raise Crashed
        bureau, papers = federation.bureau(ROTATES), federation.papers
        following = papers.following(ROTATES, node.clock.now())
        federation.act(ROTATES, lambda: bureau.keys.rotations.write(following))
        papers.rotated(ROTATES, following)
        if node.engine is not None:
            federation.crash(node)
            node.start()
        return f"{ROTATES} key {papers.number(ROTATES)}"

    return rotate_keys
