"""One network in this process for all attacks over HTTP, with an officer and a token for every role."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from tests.attack.calling import Caller
from tests.node.federation import Federation
from tests.node.samples import PERSON, POST
from tests.web.console_network import Network


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = Network(tmp_path_factory.mktemp("town"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def callers(town: Network) -> dict[str, Caller]:
    """A caller for each node of the network."""
    return {node: Caller(town, node) for node in town.hosts}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    federation = Federation(tmp_path_factory.mktemp("attack"), ("XAV", "XBM"), (POST,))
    federation.enter()
    federation.enter("XAV", PERSON, register="persons")
    federation.tick()
    yield federation
    for node in federation.nodes.values():
        node.close()
