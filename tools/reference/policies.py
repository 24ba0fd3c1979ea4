"""The policies: every rule in words, with its examples."""

from collections.abc import Iterable

from allpoints.identity.policy_examples import Example, read_examples
from allpoints.vocabulary.policy_set import OWN_FOLDER, load_policies
from tools.reference.markdown import code, page, table

NAME = "policies"
FILES = {
    "work.cedar": "Who does which work",
    "registers.cedar": "Which registers there are for whom",
    "limits.cedar": "What nobody may do, whatever the role",
    "emergency.cedar": "What is opened in an emergency",
}


def _told(examples: Iterable[Example]) -> str:
    return "; ".join(_one(example) for example in examples)


def _one(example: Example) -> str:
    parts = [f"{' and '.join(example.roles)}: {code(example.act)}"]
    if example.register:
        parts.append(f"in {code(example.register)}")
    if example.certified:
        parts.append(f"certified for {', '.join(map(code, example.certified))}")
    if example.purpose != "border-control":
        parts.append(f"for {code(example.purpose)}" if example.purpose else "without a purpose")
    if not example.case:
        parts.append("without a reason")
    if example.post:
        parts.append("passed on by a post")
    if example.own:
        parts.append("of oneself")
    if not example.fresh:
        parts.append("without a fresh proof")
    if not example.central:
        parts.append("elsewhere than at the secretariat")
    if example.emergency_register or example.emergency_role:
        parts.append(f"within emergency access to {example.emergency_register or example.emergency_role}")
    return " ".join(parts)


def write() -> str:
    policies, examples = load_policies(), read_examples(OWN_FOLDER)
    sections = []
    for file, title in FILES.items():
        rows = [
            (
                code(rule.name),
                "forbids" if rule.forbids else "allows",
                rule.says,
                _told(examples[rule.name].allowed),
                _told(examples[rule.name].refused),
            )
            for rule in policies.rules.values()
            if rule.file == file
        ]
        sections += [f"## {title}\n", table(["rule", "", "in words", "allowed", "refused"], rows)]
    return page(
        "Policies",
        f"Version {policies.version}. Nothing is allowed that no rule allows, and a rule that forbids overrules every rule "
        "that allows. The rules are Cedar files in `src/allpoints/vocabulary/policies`; the examples beside them run as "
        "tests. Examples state the purpose `border-control` and a case unless they say otherwise. See [write a "
        "policy](../how-to/write-a-policy.md).\n",
        *sections,
    )
