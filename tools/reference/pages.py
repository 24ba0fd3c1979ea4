"""The pages of the reference and their index."""

from tools.reference import (
    audit,
    audit_log,
    commands,
    http,
    metrics,
    notices,
    policies,
    refusals,
    registers,
    review,
    settings,
    watch,
    wire,
)
from tools.reference.markdown import page, table
from tools.tree import DOCS

FOLDER = DOCS / "reference"
ABOUT = {
    commands: "every command, with its options and an example",
    settings: "every setting, its variable and default",
    http: "every endpoint, its parameters and bodies",
    wire: "kinds of entries, kinds of messages, frames",
    registers: "the registers, a page for each with fields, rules, searches and an executed example, and the closed lists",
    notices: "kinds of notices and their states",
    policies: "who may do what: every rule in words, with examples",
    review: "the gates of review by rule version, and the codes of reasons",
    refusals: "every code with which the program refuses",
    audit: "what the audit log can hold",
    audit_log: "the format of audit lines, anchors and exports, with vectors",
    watch: "what is odd about how officers ask: rules, dials, who learns of it",
    metrics: "what a node tells its monitor",
}

BY_HAND = {
    "messages": "the formats of envelopes, receipts, reception keys and chunks of files, with vectors: for a second implementation",
    "tls": "what nodes show each other in TLS, with a vector: for a second implementation",
    "recovery": "revocations, recoveries and measures, with vectors: for a second implementation",
    "rotation": "certificates and how one key follows another, with vectors: for a second implementation",
    "root": "who decides who is a member: roots and approvals, with vectors: for a second implementation",
    "audience": "the format of an entry's audience, with vectors: for a second implementation",
    "exclusion": "how a member is shut out of a record that it could read, with vectors: for a second implementation",
    "witnesses": "cosignatures, requests to a witness, policies, evidence: the formats",
    "openings": "how an owner asks who opened its records, and the signed answer, with vectors",
    "log": "the ledger's leaves, tree, tiles, checkpoints and proofs, to write a second implementation from",
}
"""Pages of formats, which no code can write."""


def pages() -> dict[str, str]:
    """File name and text of every page."""
    written = {f"{module.NAME}.md": module.write() for module in ABOUT} | registers.write_each()
    written |= {f"{name}.md": (FOLDER / f"{name}.md").read_text(encoding="utf-8") for name in BY_HAND}
    rows = [(f"[{module.NAME}]({module.NAME}.md)", about) for module, about in ABOUT.items()]
    rows += [(f"[{name}]({name}.md)", about) for name, about in BY_HAND.items()]
    written["index.md"] = page(
        "Reference",
        "Written from the code by `make docs`; a test fails when it is stale.\n",
        table(["page", "what"], rows),
        "The registers:\n",
        table(["page", "what"], registers.listed()),
    )
    return {name: text.rstrip("\n") + "\n" for name, text in written.items()}
