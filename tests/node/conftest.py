"""Federations for the tests of the nodes."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from tests.node.federation import Federation, MakeDisk
from tests.node.samples import POST
from tests.node.stopped import Town, found

from allpoints.vocabulary.register import Vocabulary

Make = Callable[..., Federation]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes federations that are closed when the test ends."""
    made: list[Federation] = []

    def one(
        members: tuple[str, ...] = ("XAV", "XBM"),
        posts: tuple[str, ...] = (),
        disks: dict[str, MakeDisk] | None = None,
        words: Vocabulary | None = None,
    ) -> Federation:
        federation = Federation(tmp_path / f"federation-{len(made)}", members, posts, disks, words)
        made.append(federation)
        return federation

    yield one
    for federation in made:
        for node in federation.nodes.values():
            node.close()


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Arvandia, and Belmora with one border post, shared by the tests that change nothing in it."""
    federation = Federation(tmp_path_factory.mktemp("still"), ("XAV", "XBM"), (POST,))
    yield federation
    for node in federation.nodes.values():
        node.close()


@pytest.fixture
def two(make: Make) -> Federation:
    """Arvandia owns, Belmora searches; no posts."""
    return make()


@pytest.fixture
def three(make: Make) -> Federation:
    """Arvandia, Belmora and Castrovia; no posts."""
    return make(("XAV", "XBM", "XCS"))


@pytest.fixture
def posted(make: Make) -> Federation:
    """Arvandia, and Belmora with one border post."""
    return make(("XAV", "XBM"), (POST,))


@pytest.fixture
def cut_off(posted: Federation) -> Federation:
    """A post with the stolen passport in its extract, and no line."""
    posted.enter()
    posted.tick()
    posted.disconnect(POST)
    return posted


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with one member in folders of its own, stopped."""
    folder = tmp_path_factory.mktemp("town")
    found(folder)
    return folder


@pytest.fixture
def town(founded: Path, tmp_path: Path) -> Town:
    """A copy of it."""
    shutil.copytree(founded, tmp_path / "town")
    return Town(tmp_path / "town")
