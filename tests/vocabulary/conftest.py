"""The vocabulary as it ships, loaded once."""

from collections.abc import Callable

import pytest

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import NoticeKind, Register, Vocabulary
from allpoints.vocabulary.types.base import faults_of


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load()


@pytest.fixture(scope="session")
def countries(vocabulary: Vocabulary) -> Countries:
    return vocabulary.countries


@pytest.fixture(scope="session")
def travel_documents(vocabulary: Vocabulary) -> Register:
    return vocabulary.registers["travel-documents"]


@pytest.fixture(scope="session")
def persons(vocabulary: Vocabulary) -> Register:
    return vocabulary.registers["persons"]


@pytest.fixture(scope="session")
def red(vocabulary: Vocabulary) -> NoticeKind:
    return vocabulary.notices["red"]


@pytest.fixture(scope="session")
def refused() -> Callable[[Callable[[], object]], dict[str, str]]:
    """Run an act that must be refused; its faults by path."""

    def run(act: Callable[[], object]) -> dict[str, str]:
        with pytest.raises(Refusal) as caught:
            act()
        return {fault.path: fault.code for fault in faults_of(caught.value)}

    return run
