"""Four invented registers that differ in who may read or write them and in nothing else."""

from pathlib import Path
from typing import Any

from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Vocabulary

KINDS = """\
list: thing-kinds
label: {en: Kinds of things}
terms:
  - {code: violin, label: {en: Violin}}
  - {code: painting, label: {en: Painting}}
"""

REGISTER = """\
register: {name}
code: {code}
short: {short}
label: {{en: Thing of {name}}}
plural: {{en: Things of {name}}}
description: {{en: Invented.}}
writer: {writer}
readers: {readers}
person_data: false
retention_days: 1000
featured: [title]
caption: "{{title}}, {{keeper}}"
names: [[maker]]
facets: [kind, keeper]
text: [title, story]
identifiers:
  - {{kind: document, number: paper, issuer: country}}
  - {{kind: exact, field: tag, key: thing-tag, near: true, partial: true}}
  - {{kind: exact, field: hidden_tag, key: hidden-tag}}
fields:
  - {{name: source_ref, type: text, required: true, label: {{en: Reference}}}}
  - {{name: title, type: text, required: true{public}, label: {{en: Title}}}}
  - {{name: kind, type: code, list: thing-kinds{public}, label: {{en: Kind}}}}
  - {{name: maker, type: text, label: {{en: Maker}}}}
  - {{name: keeper, type: text, label: {{en: Keeper}}}}
  - {{name: story, type: text, max: 400, label: {{en: Story}}}}
  - {{name: tag, type: serial{public}, label: {{en: Tag}}}}
  - {{name: hidden_tag, type: serial, label: {{en: Hidden tag}}}}
  - {{name: paper, type: document-number, label: {{en: Paper}}}}
  - {{name: country, type: country, label: {{en: Country}}}}
"""

PLAIN, CLOSED, OPEN, ANALYST = "plain-things", "closed-things", "open-things", "analyst-things"
_DECLARED = (
    (PLAIN, 210, "PLN", "owner", "all"),
    (CLOSED, 211, "CLS", "owner", "certified"),
    (OPEN, 212, "OPN", "owner", "outsiders"),
    (ANALYST, 213, "ANL", "secretariat", "all"),
)


def write(folder: Path) -> Path:
    """Put the declarations into a folder for a node to load."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kinds.yaml").write_text(KINDS)
    for name, code, short, writer, readers in _DECLARED:
        public = ", public: true" if readers == "outsiders" else ""
        text = REGISTER.format(
            name=name, code=code, short=short, writer=writer, readers=readers, public=public
        )
        (folder / f"{name}.yaml").write_text(text)
    return folder


def words(folder: Path) -> Vocabulary:
    """The vocabulary with these registers beside those that ship."""
    return load((write(folder),))


def thing(ref: str, **changes: Any) -> dict[str, Any]:
    """A violin with something in every field."""
    return {
        "source_ref": ref,
        "title": "Quillfeather violin",
        "kind": "violin",
        "maker": "Osric Bramble",
        "keeper": "Museum of Sundvik",
        "story": "Taken from a glass cabinet",
        "tag": "AV12345",
        "hidden_tag": "HID98765",
        "paper": "PP0001000",
        "country": "XAV",
    } | changes
