"""A folder holds what is below it, and nothing that merely begins alike."""

import pytest
from tests.vocabulary.types.things import FOLDERS

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.types.folder import Folder

FOLDER = Folder.of(FOLDERS, "objects")
BOWED = "musical-instruments/strings/bowed"


@pytest.mark.parametrize(
    "raw",
    [
        BOWED,
        BOWED.upper(),
        " musical-instruments / strings / bowed/ ",
        "Musical instruments > Strings > Bowed",
        "Musical instruments › Strings › Bowed",
    ],
)
def test_a_code_or_a_path_of_labels_is_understood(raw: str) -> None:
    assert FOLDER.clean(raw, "x") == BOWED


def test_what_is_on_no_list_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        FOLDER.clean("musical-instruments/winds", "object_type")
    assert (caught.value.code, caught.value.path) == ("CODE-UNKNOWN", "object_type")


def test_everything_in_a_folder_and_nothing_else_begins_with_what_below_says() -> None:
    below = FOLDER.below("musical-instruments/strings")
    assert [term.code for term in FOLDERS if FOLDER.normal(term.code).startswith(below)] == [
        "musical-instruments/strings",
        BOWED,
    ]


def test_the_caption_is_the_path_of_labels() -> None:
    assert FOLDER.caption(BOWED) == "Musical instruments › Strings › Bowed"
    assert FOLDER.caption(FOLDER.normal(BOWED), "fr") == "Instruments de musique › Cordes › Bowed"
    assert FOLDER.caption("paintings/unknown") == "Paintings › unknown"
    assert FOLDER.folders(BOWED) == ("musical-instruments", "musical-instruments/strings", BOWED)


def test_folders_are_alike_as_far_as_their_way_is_the_same() -> None:
    assert FOLDER.compare(BOWED, "musical-instruments/strings") == pytest.approx(2 / 3)
    assert FOLDER.compare(BOWED, "paintings") == 0.0
