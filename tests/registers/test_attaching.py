from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.registers.exhibits import attachment, exhibit, register

from allpoints.ground.refusal import Refusal
from allpoints.registers.attaching import FILES_BYTES_LIMIT, FILES_LIMIT, covers, file_fields, files_of
from allpoints.vocabulary.register import Vocabulary
from allpoints.vocabulary.types.attachment import ATTACHMENT_SIZE_LIMIT, Attachment


def sized(number: int, size: int = 10, media_type: str = "image/png") -> Attachment:
    return Attachment(media_type, size, f"{number:064x}", f"{number}.png")


def files(**fields: Any) -> tuple[Attachment, ...]:
    return files_of(register(), register().clean(exhibit(**fields)))


def test_files_stand_in_single_fields_and_lists_and_each_counts_once() -> None:
    one, other, paper = sized(1), sized(2), attachment(b"%PDF-1.7", "application/pdf", "deed.pdf")
    found = files(front=one.text(), views=[other.text(), one.text()], papers=[paper.text()])
    assert found == (one, other, paper)
    assert files() == ()


def test_most_registers_have_no_files(vocabulary: Vocabulary) -> None:
    documents = vocabulary.registers["travel-documents"]
    assert file_fields(documents) == ()
    assert [field.name for field in file_fields(register())] == ["front", "views", "papers"]


def refused(**fields: Any) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        files(**fields)
    return caught.value.code, caught.value.path


def test_a_record_has_only_so_many_files() -> None:
    views = [sized(number).text() for number in range(FILES_LIMIT)]
    assert len(files(views=views)) == FILES_LIMIT
    assert refused(views=views, front=sized(99).text()) == ("TOO-MANY-FILES", "front")


def test_the_files_of_a_record_have_only_so_many_bytes() -> None:
    large = FILES_BYTES_LIMIT // ATTACHMENT_SIZE_LIMIT
    views = [sized(number, ATTACHMENT_SIZE_LIMIT).text() for number in range(large)]
    assert len(files(views=views)) == large
    assert refused(views=views, front=sized(99, 1).text()) == ("FILES-TOO-LARGE", "front")


@pytest.mark.parametrize("other", [sized(1, 11), sized(1, 10, "image/jpeg")])
def test_one_file_cannot_be_two_things(other: Attachment) -> None:
    assert refused(front=sized(1).text(), views=[other.text()]) == ("FILE-AMBIGUOUS", "views")


MEMBERS = st.sets(st.sampled_from(["XAV", "XBM", "XCS", "XDV"]))


@given(MEMBERS, MEMBERS)
def test_a_sealed_file_covers_a_record_exactly_when_every_reader_of_the_record_got_it(
    without: set[str], excluded: set[str]
) -> None:
    everybody = {"XAV", "XBM", "XCS", "XDV", "XSC"}
    assert covers(without, excluded) == (everybody - excluded <= everybody - without)
