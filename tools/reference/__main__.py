"""Writes docs/reference anew: ``python -m tools.reference``; ``--check`` only says which pages are stale."""

import sys

from tools.reference.pages import FOLDER, pages


def main() -> int:
    checking = "--check" in sys.argv[1:]
    stale = []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        path = FOLDER / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not checking:
            path.write_text(text, encoding="utf-8")
    print(
        f"{'Stale' if checking else 'Written'}: {', '.join(stale)}."
        if stale
        else "The reference is up to date."
    )
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main())
