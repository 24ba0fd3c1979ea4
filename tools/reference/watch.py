"""The reference of the insider watch: its rules, what they look at, and what tells of them."""

from allpoints.node import watch_desk, watch_settings
from allpoints.watch import asked, rules
from tools.reference.markdown import code, page, table

NAME = "insider-watch"

DIALS = {
    rules.OWN_RATE: "own_times",
    rules.COLLEAGUES: "colleague_times",
    rules.HOUR: "hour_least",
    rules.CASE: "case_persons",
    rules.NO_CASE: "no_case_least",
    rules.PERSON: "person_cases",
    rules.CHOSEN: "",
    rules.ONESELF: "",
}
EXACTLY = {
    rules.OWN_RATE: "The questions of a day exceed `own_times` the median of the officer's earlier days with questions, and "
    "`rate_least`. Asked on at least `usual_days` days before.",
    rules.COLLEAGUES: "The questions of a day exceed `colleague_times` the median of the earlier days of all others in the same "
    f"roles, and `rate_least`. At least {rules.COLLEAGUES_LEAST} others have such days; officers at posts are compared with each other.",
    rules.HOUR: "`hour_least` questions within one hour of the day (UTC) in which, and in the hours beside it, there was none on "
    "any earlier day. Asked on at least `usual_days` days before.",
    rules.CASE: "More than `case_persons` persons under one case number of one officer, persons asked about and records opened each "
    "counted apart.",
    rules.NO_CASE: "More than `no_case_least` questions in a day without a case.",
    rules.PERSON: "The same document, name or record under `person_cases` different case numbers of one officer.",
    rules.CHOSEN: "A question about a record, document or name that this node protects, each day once.",
    rules.ONESELF: "A question about what is entered as the officer's own, or about the names that the account spells, such as "
    "`anna.berg`.",
}


def write() -> str:
    """The whole page."""
    rows = [
        (code(rule), EXACTLY[rule], code(f"watch.{DIALS[rule]}") if DIALS[rule] else "", code(said))
        for rule, said in rules.RULES.items()
    ]
    dials = [(code(one.path), one.sentence, code(str(one.default))) for one in watch_settings.SETTINGS]
    return page(
        "Insider watch",
        f"Every {watch_desk.EVERY_MS // 60_000} minutes a bureau looks at the audit lines that were written since: "
        f"{', '.join(code(one) for one in asked.EVENTS)}. It keeps no second record of them: the picture of how each officer asks is "
        "held in memory and made again from the lines at a start. Days are those of UTC and of the last `watch.past_days`. "
        "For purposes in `watch.routine` the rules about cases and persons do not count.\n",
        "A finding is a reason to look, never a proof.\n",
        table(["rule", "found when", "dial", "what the alert says"], rows),
        "## Dials\n",
        table(["setting", "what it does", "default"], dials),
        "## Who learns of it\n",
        "Overseers and administrators alone, and none of them what is about oneself: for that officer the alert does not exist. "
        "Alerts name officer, rule, number and audit line, not the person asked about. Each is dismissed or escalated with a "
        "reason.\n",
        "Nobody else can notice one. The line `watch:looked` comes by the clock whenever there were questions, the line "
        "`watch:attended` with each look of an overseer and each act; all have one length. `standing` is SHA-256 over a secret salt "
        "and everything that the watch has in its tables: a changed or deleted alert shows, and the hash says nothing.\n",
        "How to work with it: [oversee officers](../how-to/oversee-officers.md). How many false alarms it gives: "
        "[figures](../explanation/performance.md).\n",
    )
