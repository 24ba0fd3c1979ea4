"""One network for all tests of the console's pages; every test brings its own documents and persons."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from tests.web.console_network import Network
from tests.web.sample_server import CHROMIUM

WITHOUT_BROWSER = "ALLPOINTS_WITHOUT_BROWSER"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test in a browser needs the system's Chromium; without it the test fails, unless it was left out knowingly."""
    if item.get_closest_marker("browser") is None or Path(CHROMIUM).exists():
        return
    if os.environ.get(WITHOUT_BROWSER) == "1":
        pytest.skip(f"{WITHOUT_BROWSER}=1: nothing is tested in a browser.")
    pytest.fail(
        f"There is no {CHROMIUM}: install it (apt-get install chromium), or set {WITHOUT_BROWSER}=1.",
        pytrace=False,
    )


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    made = Network(tmp_path_factory.mktemp("network"))
    yield made
    made.close()
    structlog.reset_defaults()
