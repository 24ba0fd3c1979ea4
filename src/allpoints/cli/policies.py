"""The policies in force, and why somebody may do something or may not."""

from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, local, remote
from allpoints.cli.client import Fields
from allpoints.ground.refusal import Refusal


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    remote(app, "why", 'why "may anna search travel-documents for border-control"', 'why "may anna review"')(
        why
    )
    local(app, "policies", "policies --dir xav", "policies --json")(policies)


def why(
    call: Call,
    question: Annotated[
        list[str], typer.Argument(metavar="QUESTION", help="may NAME ACT [REGISTER] [for PURPOSE]")
    ],
) -> None:
    """Explain whether an officer may do something, and by which rule; the question is written to the audit log.

    Administrators ask of everybody, everyone else of oneself.
    """
    found = call.client.get("/api/v1/why", Fields, question=" ".join(question))
    if call.as_json:
        output.json(found)
        return
    rules = "\n".join(f"{one['name']} ({one['file']}): {one['says']}" for one in found["rules"])
    output.facts(
        [
            ("answer", found["sentence"]),
            ("rules", rules or "no rule allows it"),
            ("policies", f"{found['version']}, {found['digest']}"),
        ]
    )


def policies(call: Call) -> None:
    """List the policies that this folder's node is to decide by, and run the examples beside its own."""
    from allpoints.identity.policy_examples import misses
    from allpoints.vocabulary.loading import load
    from allpoints.vocabulary.policy_set import load_policies

    settings = call.settings
    found = load_policies(settings.policy_folders, widening=settings.flag("policies.widening"))
    vocabulary = load(settings.vocabulary_folders, found)
    if call.as_json:
        output.json({"version": found.version, "digest": found.digest, "rules": list(found.rules.values())})
    else:
        rows = [
            (rule.name, "forbids" if rule.forbids else "allows", rule.says, rule.file)
            for rule in found.rules.values()
        ]
        output.table(("rule", "", "in words", "file"), rows, empty="")
        output.facts([("version", found.version), ("digest", found.digest)])
    wrong = list(misses(vocabulary, settings.policy_folders))
    if wrong:
        raise Refusal("POLICY-EXAMPLES", " ".join(wrong), hint="Correct the rule, or its examples.")
