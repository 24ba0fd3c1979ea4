"""One network for all tests of the console's pages; every test brings its own documents and persons."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from tests.web.console_network import Network


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    made = Network(tmp_path_factory.mktemp("network"))
    yield made
    made.close()
    structlog.reset_defaults()
