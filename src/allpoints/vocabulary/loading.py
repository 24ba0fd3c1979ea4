"""Load the vocabulary: the files that come with the program and those of a bureau's own folders."""

from collections.abc import Sequence
from pathlib import Path

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary.compiling import compiled
from allpoints.vocabulary.lint import Linted, lint
from allpoints.vocabulary.policy_set import PolicySet, load_policies
from allpoints.vocabulary.reading import Said, read
from allpoints.vocabulary.register import Vocabulary

OWN_FOLDER = Path(__file__).parent / "data"
"""The declarations that come with the program."""

FILES_LIMIT = 500
"""Most files in all folders together."""


def load(extra: Sequence[Path] = (), policies: PolicySet | None = None) -> Vocabulary:
    """Read, lint and compile the vocabulary; a ``Refusal`` lists every fault with file and line.

    ``extra`` are folders with ``*.yaml`` files at any depth. What they declare is added; a name or code
    that is already there is a fault, never a replacement. ``policies`` are the rules in force, those that come with
    the program unless given. Keep the result: loading takes a while.
    """
    faults: list[Fault] = []
    linted = examined((OWN_FOLDER, *extra), faults)
    if linted is None:
        raise Refusal.of(faults)
    return compiled(linted, policies or load_policies())


def examined(folders: Sequence[Path], faults: list[Fault]) -> Linted | None:
    """What the folders declare; None, and every fault added, when anything is wrong."""
    paths = [path for folder in folders for path in _files(folder, faults)]
    if len(paths) > FILES_LIMIT:
        faults.append(
            Fault(
                "VOCABULARY-FILES",
                f"There are more than {FILES_LIMIT} files.",
                str(folders[-1]),
                "Remove some.",
            )
        )
        return None
    files: list[Said] = [said for path in paths if (said := read(path, faults)) is not None]
    linted = lint(files, faults)
    return None if faults else linted


def _files(folder: Path, faults: list[Fault]) -> list[Path]:
    if not folder.is_dir():
        faults.append(
            Fault("VOCABULARY-FOLDER", "There is no such folder.", str(folder), "Correct the setting.")
        )
        return []
    return sorted(folder.rglob("*.yaml"))
