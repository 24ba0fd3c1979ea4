"""The ledger's tiles over HTTP: what they hold, how they are cached, and that they tell strangers nothing."""

import asyncio

from tests.web.console_network import OWNER, POST, SECRETARIAT, Browser, Network

from allpoints.ledger import checkpoint, publishing
from allpoints.ledger.cosignature import log_signed
from allpoints.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash
from allpoints.ledger.tiles import ENTRIES, tiles_of
from allpoints.node.ledger_copy import DATABASE, log_vkey, open_copy
from allpoints.web.log import REQUESTS_A_SECOND, LogDoor


def browser(network: Network, node: str = SECRETARIAT) -> Browser:
    return Browser(network, node)


def test_the_checkpoint_and_every_tile_are_served_to_anybody(network: Network) -> None:
    """A stranger computes the root from what it is given, and knows the log by the key in the first entry."""
    network.report("AB100001", "LOG-1")
    stranger = browser(network)
    answer = stranger.get("/log/checkpoint")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    point, lines = checkpoint.parse(answer.text)
    key = log_vkey(open_copy(network.hosts[SECRETARIAT].settings.folder / DATABASE))
    assert log_signed(point, lines, key)
    tree = Frontier()
    for tile in tiles_of(point.size):
        got = stranger.get(f"/log/{tile.path}")
        assert (got.status_code, len(got.content)) == (200, tile.length)
        assert got.headers["content-type"] == "application/octet-stream"
        assert "immutable" in got.headers["cache-control"]
        if f"/{ENTRIES}/" in tile.path:
            for at in range(0, tile.length, 34):
                tree = tree.append(leaf_hash(got.content[at + 2 : at + 34]))
    assert tree.root() == point.root != EMPTY_ROOT


def test_nothing_else_is_under_the_logs_address(network: Network) -> None:
    stranger = browser(network)
    assert stranger.get("/log/checkpoint").status_code == 200
    for path in (
        "",
        "tile/0/000",
        "tile/0/999",
        "tile/7/000",
        "tile/0/000.p/0",
        "tile/entries/../000",
        "contents/000",
        "root/1",
        "root/2",
        "root/02",
        "authors.txt",
        "node.sqlite",
        "tile/0/%2e%2e/%2e%2e/node.sqlite",
    ):
        answer = stranger.get(f"/log/{path}")
        assert answer.status_code == 404, path
        assert answer.headers["cache-control"] == "no-store"
    assert network.run(stranger.client.post("/log/checkpoint")).status_code == 405


def test_a_member_mirrors_the_log_and_a_post_has_none(network: Network) -> None:
    assert browser(network, OWNER).get("/log/checkpoint").status_code == 200
    assert browser(network, POST).get("/log/checkpoint").status_code == 404


def test_strangers_together_are_answered_so_often_a_second(network: Network) -> None:
    class Still:
        """The host, at one moment."""

        def __init__(self) -> None:
            self.settings = network.hosts[SECRETARIAT].settings
            self.clock = self
            self.desk = network.hosts[SECRETARIAT].desk

        def now(self) -> int:
            return 1_790_000_000_000

    door = LogDoor(Still())  # type: ignore[arg-type]
    statuses = [asyncio.run(door.answer("GET", "x")).status for _ in range(REQUESTS_A_SECOND + 1)]
    assert statuses == [404] * REQUESTS_A_SECOND + [429]


def test_a_tile_that_was_served_never_changes_while_the_ledger_grows(network: Network) -> None:
    stranger = browser(network)
    point, _ = checkpoint.parse(stranger.get("/log/checkpoint").text)
    paths = [f"/log/{tile.path}" for tile in tiles_of(point.size)]
    before = [stranger.get(path).content for path in paths]
    network.report("AB100002", "LOG-2")
    grown, _ = checkpoint.parse(stranger.get("/log/checkpoint").text)
    assert grown.size > point.size
    assert [stranger.get(path).content for path in paths] == before
    assert publishing.CONTENTS not in "".join(paths)
