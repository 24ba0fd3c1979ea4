"""The gates of review: every version of the rules, and the codes of reasons."""

from allpoints.review import codes as reason_codes
from allpoints.review import rulebook
from allpoints.review.rulebook import Rules
from tools.reference.markdown import code, page, table

NAME = "review-gates"
SEVERITY = {"refuse": "refusal", "query": "query to the source", "human": "a person weighs it"}


def _version(rules: Rules) -> str:
    rows = [
        (
            number,
            code(gate.id),
            gate.title,
            gate.article,
            code(gate.code),
            SEVERITY[gate.severity],
            "yes" if gate.waivable else "",
        )
        for number, gate in enumerate(rules.gates, 1)
    ]
    return "\n".join(
        [
            f"## {rules.version}: {rules.kind} notices, in force from {rules.valid_from}\n",
            table(["", "gate", "passes when", "article", "code", "a failure leads to", "waivable"], rows),
        ]
    )


def write() -> str:
    known = reason_codes.reasons()
    rows = [
        (code(one.code), one.title, one.officers, "the generic one" if one.sealed else "this one")
        for one in (*known.codes, known.generic)
    ]
    return page(
        "Review gates",
        "Each gate is run on each submission, in this order; none is left out because an earlier one failed. A gate that "
        "a machine cannot decide goes to people. Two officers decide, never the same one twice. The decision keeps the "
        "version of the rules it was made under, so that it can be replayed. Articles are those of INTERPOL's Rules on "
        "the Processing of Data; the gates are this project's reading of them.\n",
        *(
            _version(rules)
            for rules in sorted(rulebook.load().versions, key=lambda one: one.valid_from, reverse=True)
        ),
        "## Codes of reasons\n",
        table(["code", "meaning", "officers who must agree", "the member is told"], rows),
    )
