"""The format of audit lines, anchors and exports, good enough to write a second implementation from."""

import json

from allpoints.ledger import anchor, audit_export, audit_line, audit_reading
from tools.reference.markdown import code, fenced, page, table
from tools.tree import ROOT

NAME = "audit-log"
VECTORS = "tests/vectors/audit/lines.json"


def write() -> str:
    vectors = json.loads((ROOT / VECTORS).read_text(encoding="utf-8"))
    first, size = vectors["lines"][0], len(vectors["roots"])
    return page(
        "Audit log",
        "Every node has one audit log. It holds queries, releases and administration, told apart by the kind of their "
        "[event](audit-events.md).\n",
        "## A line\n",
        fenced(_line()),
        f"`label` is the ASCII text `{audit_line.COMMITMENT_LABEL.decode()}`, `salt` {audit_line.SALT_BYTES} random bytes "
        "drawn for this line. Texts are UTF-8, `detail` is a byte string that holds JSON. MessagePack is in its shortest "
        "form throughout. The number of a line is its place in the tree, counted from 1, and is not hashed.\n",
        "**Erased**: officer, post, purpose, case and detail are empty (`{}`), the salt is gone and the commitment is kept "
        "in its place. The leaf, and every root and proof, stays what it was.\n",
        "## The tree\n",
        "RFC 6962 over the leaves in their order. As text, a head is the C2SP checkpoint of the origin "
        f"{code(anchor.origin('<network>', '<log>', 1).replace('/1', '/<generation>'))}, signed as the ledger's own "
        "checkpoints are.\n",
        "## Anchors\n",
        "An entry `audit.anchored` is clear. Its body is MessagePack, an object with `heads`, a list of at most "
        f"{anchor.HEADS_LIMIT} objects:\n",
        table(["field", "what"], _anchor()),
        "The entry's signature is that of the heads. Every node refuses a head of a log that is neither the author's nor of "
        "its posts, one that is smaller than the one before, and one whose path does not prove that its tree begins with "
        "the one before. A new generation begins without a proof; everybody sees that it does.\n",
        "## Exports\n",
        _exports(),
        "## Samples\n",
        "Drawn are the lines whose SHA-256 over `<seed>:<number>`, as ASCII text, is smallest, among those up to the stated "
        f"size that answer the filter; at most {audit_reading.SAMPLE_LIMIT}.\n",
        "## Vectors\n",
        f"`{VECTORS}` has {size} lines with commitments and leaves, the root over each number of them, and a proof of "
        "consistency. The first line, and the root over all:\n",
        fenced(json.dumps(first, indent=1, ensure_ascii=False), "json"),
        fenced(vectors["roots"][-1]),
    )


def _exports() -> str:
    return (
        f"JSON, one object a line. The first has `format` ({code(audit_export.FORMAT)}), `log`, `network`, `generation`, "
        "`size`, `root`, `entry` (the ledger's entry that anchors it), `checkpoint`, which is the head as text, and "
        "`certificate`, the self-signed one of the log's node, whose key signed the checkpoint. Whoever verifies checks both "
        "signatures, that all of them say the same, and, with a ledger at hand, that it admits this certificate and that "
        "`entry` anchors this head. Each further one is a line with "
        "`number`, `at_ms`, `event`, `policy`, `officer`, `post`, `purpose`, `case`, `detail` (a text that is JSON), `salt` "
        "(or, if erased, `commitment`), and `path`, the RFC 9162 inclusion path of leaf `number - 1` in the tree of `size`. "
        "Hashes and salts are hexadecimal.\n"
    )


def _line() -> str:
    return (
        "commitment = SHA-256(label || salt || MessagePack [officer, post, purpose, case, detail])\n"
        f"leaf       = SHA-256(0x00 || MessagePack [{audit_line.LINE_VERSION}, at_ms, event, policy, commitment])"
    )


def _anchor() -> list[tuple[str, str]]:
    return [
        (code("log"), "The node whose log it is."),
        (code("generation"), "From 1; one more each time the log had to be begun again."),
        (code("size"), "How many lines."),
        (code("root"), "The root over them, 32 bytes."),
        (code("previous"), "The size that was anchored before in this generation; 0 when none was."),
        (code("path"), "The RFC 9162 proof that the tree of `size` begins with the one of `previous`."),
    ]
