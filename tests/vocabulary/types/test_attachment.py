import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.attachment import (
    ATTACHMENT_NAME_LIMIT,
    ATTACHMENT_SIZE_LIMIT,
    FILES,
    IMAGES,
    Attachment,
    File,
    Image,
    file_name,
    parse,
)

HASH = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
PHOTO = f"image/jpeg;size=12345;sha256={HASH};name=front.jpg"


def test_a_reference_is_read_and_written_again() -> None:
    attachment = parse(PHOTO)
    assert attachment == Attachment("image/jpeg", 12345, HASH, "front.jpg")
    assert attachment.text() == PHOTO


def test_order_case_and_blanks_do_not_matter() -> None:
    said = f" IMAGE/JPG; Name= front.jpg ; SHA256={HASH.upper()} ;size=0012345"
    assert Image().clean(said, "photo") == PHOTO


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("front.jpg", "ATTACHMENT-TYPE"),
        (f"text/html;size=5;sha256={HASH}", "ATTACHMENT-TYPE"),
        (f"image/png;size=5;sha256={HASH};size=6", "ATTACHMENT-FORM"),
        (f"image/png;size=5;sha256={HASH};owner=x", "ATTACHMENT-FORM"),
        (f"image/png;size=0;sha256={HASH}", "ATTACHMENT-SIZE"),
        (f"image/png;size={ATTACHMENT_SIZE_LIMIT + 1};sha256={HASH}", "ATTACHMENT-SIZE"),
        (f"image/png;size=five;sha256={HASH}", "ATTACHMENT-SIZE"),
        ("image/png;size=5", "ATTACHMENT-HASH"),
        (f"image/png;size=5;sha256={HASH[:-1]}", "ATTACHMENT-HASH"),
        (f"image/png;size=5;sha256={HASH[:-1]}g", "ATTACHMENT-HASH"),
    ],
)
def test_what_is_no_reference_is_refused_with_its_place(said: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        File().clean(said, "papers[0]")
    assert (refused.value.code, refused.value.path) == (code, "papers[0]")


def test_the_largest_file_is_accepted() -> None:
    assert parse(f"image/png;size={ATTACHMENT_SIZE_LIMIT};sha256={HASH}").size == ATTACHMENT_SIZE_LIMIT


def test_an_image_is_a_file_but_a_document_is_no_image() -> None:
    paper = f"application/pdf;size=9;sha256={HASH}"
    assert File().clean(paper, "paper") == paper
    assert File().clean(PHOTO, "paper") == PHOTO
    with pytest.raises(Refusal) as refused:
        Image().clean(paper, "photo")
    assert refused.value.code == "ATTACHMENT-TYPE"
    assert "image/webp" in refused.value.hint
    assert "pdf" not in refused.value.hint


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\scans\\front.jpg", "front.jpg"),
        ("...hidden", "hidden"),
        ("two  words;.png", "two words .png"),
        ("tab\there\u202e.jpg", "tab here .jpg"),
        ("фото.jpg", "фото.jpg"),
        ("..", ""),
        ("x" * 120 + ".jpeg", "x" * 95 + ".jpeg"),
    ],
)
def test_file_names_are_made_safe(said: str, kept: str) -> None:
    assert file_name(said) == kept


def test_captions_are_for_people() -> None:
    assert Image().caption(PHOTO) == "front.jpg (12 KB, JPEG image)"
    assert File().caption(f"text/plain;size=80;sha256={HASH}") == "80 bytes, plain text"
    assert (
        File().caption(f"application/pdf;size=3145728;sha256={HASH};name=a.pdf")
        == "a.pdf (3 MB, PDF document)"
    )


def test_files_of_one_hash_are_the_same_whatever_their_names() -> None:
    renamed = PHOTO.replace("front", "back")
    other = PHOTO.replace("ba78", "bb78")
    assert Image().compare(PHOTO, renamed) == 1.0
    assert Image().compare(PHOTO, other) == 0.0


attachments = st.builds(
    Attachment,
    st.sampled_from(sorted(FILES)),
    st.integers(1, ATTACHMENT_SIZE_LIMIT),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.text(max_size=200).map(file_name),
)


@given(attachments)
def test_what_is_written_is_read_back(attachment: Attachment) -> None:
    text = File().clean(attachment.text(), "file")
    assert File().clean(text, "file") == text
    assert msgspec.convert(text, File().annotation()) == text
    assert parse(text) == attachment
    assert (attachment.media_type in IMAGES) == text.startswith("image/")


@given(st.text(max_size=500))
def test_a_safe_name_is_safe_and_stays_as_it_is(text: str) -> None:
    name = file_name(text)
    assert file_name(name) == name
    assert len(name) <= ATTACHMENT_NAME_LIMIT
    assert not set(name) & set('/\\;<>:"|?*')
    assert name.isprintable()
