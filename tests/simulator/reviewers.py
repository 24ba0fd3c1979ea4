"""Random notices: submitted, examined by two, published, queried, refused, taken back, withdrawn."""

from tests.simulator import keys
from tests.simulator.acts import CANARY, OFFICER, Officers
from tests.simulator.truth import Notice

from allpoints.identity.officers import Asker
from allpoints.notices import store as notice_store
from allpoints.notices.notice import Submission
from allpoints.notices.state import NoticeState
from allpoints.review.case import Opinion

REVIEWERS = tuple(Asker(name, frozenset({"reviewer"}), "border-control") for name in ("rhea", "ruben"))
NOTICES_LIMIT = 6


class Reviewers:
    """What desks and reviewers do with notices."""

    def __init__(self, officers: Officers) -> None:
        self.officers = officers
        self.luck = officers.luck
        self.truth = officers.truth
        officers.also(5, self.submit)
        officers.also(20, self.review)
        officers.also(3, self.take_back)
        officers.also(4, self.withdraw_notice)
        officers.also(2, self.cancel_notice)
        officers.also(4, self.answer_query)

    def submit(self) -> str:
        if len(self.truth.notices) >= NOTICES_LIMIT:
            return ""
        owner = self.luck.choice(keys.BUREAUS)
        bureau = self.officers.federation.bureau(owner)
        ref = f"{CANARY}-N-{owner}-{self.officers.next():04}"
        raw = self.officers.people.notice(owner, ref)
        members = sorted(bureau.notices.network().members - {owner})
        excluded = (self.luck.choice(members),) if members and self.luck.random() < 0.4 else ()
        submission = self.officers.do(
            owner, lambda: bureau.notices.submit(OFFICER, "red", raw, owner_ref=ref, excluded=excluded)
        )
        self.truth.notices.append(Notice(owner, ref, submission, raw, excluded))
        return f"{owner} {ref} not for {','.join(excluded) or 'nobody'}"

    def review(self) -> str:
        """Each time one reviewer looks at one case, and says yes more often than anything else."""
        desk = self.officers.federation.bureau(keys.DESK)
        review = desk.review
        open_ = [row.case for row in review.queue(OFFICER)] if review else []
        if review is None or not open_:
            return ""
        case = self.luck.choice(sorted(open_, key=lambda one: one.owner_ref))
        reviewer = self.luck.choice(REVIEWERS)
        verdict = self.luck.choices(("approve", "query", "refuse"), (10, 2, 1))[0]
        view, _ = self.officers.do(keys.DESK, lambda: review.case(reviewer, case.id))
        weighed = tuple(sorted({one.code for _, one in view.checklist if str(one.result) != "passed"}))
        codes = weighed if verdict == "approve" else ("ID-INSUFF",)
        opinion = Opinion(verdict, codes, f"{CANARY} weighed")  # type: ignore[arg-type]
        after = self.officers.do(keys.DESK, lambda: review.decide(reviewer, case.id, opinion))
        return f"{keys.DESK} {reviewer.officer} {verdict} {case.owner_ref} {after.state}"

    def _mine(self, *states: NoticeState) -> tuple[Notice, Submission] | None:
        found = []
        for notice in self.truth.notices:
            if self.officers.federation.alive(notice.owner):
                bureau = self.officers.federation.bureau(notice.owner)
                held = [
                    one
                    for one in bureau.notices.submissions(OFFICER)
                    if one.submission.id == notice.submission
                ]
                found += [(notice, one.submission) for one in held if one.state in states]
        return self.luck.choice(found) if found else None

    def take_back(self) -> str:
        found = self._mine(
            NoticeState.SUBMITTED, NoticeState.SCREENING, NoticeState.LEGAL_REVIEW, NoticeState.APPROVED
        )
        if found is None or self.luck.random() < 0.5:
            return ""
        notice = found[0]
        notices = self.officers.federation.bureau(notice.owner).notices
        self.officers.do(
            notice.owner, lambda: notices.take_back(OFFICER, notice.submission, "REVOKED", "Warrant revoked.")
        )
        notice.taken_back = True
        return f"{notice.owner} {notice.owner_ref}"

    def withdraw_notice(self) -> str:
        name = self.officers.somewhere()
        bureau = self.officers.federation.bureau(name)
        held = [
            one
            for one in bureau.notices.submissions(OFFICER)
            if one.notice_id and one.submission.owner == name and one.state.in_force
        ]
        if not held:
            return ""
        one = self.luck.choice(sorted(held, key=lambda held: held.submission.owner_ref))
        self.officers.do(
            name, lambda: bureau.notices.withdraw(OFFICER, one.notice_id, "LOCATED", f"{CANARY} found")
        )
        for notice in self.truth.notices:
            if notice.submission == one.submission.id:
                notice.taken_back = True
        return f"{name} {one.notice_id}"

    def cancel_notice(self) -> str:
        """A reviewer proposes to end a notice; the second one who does ends it."""
        desk = self.officers.federation.bureau(keys.DESK)
        review = desk.review
        in_force = [row for row in notice_store.notices(desk.db, "", ()) if row.state.in_force]
        if review is None or not in_force:
            return ""
        row = self.luck.choice(sorted(in_force, key=lambda one: one.owner_ref))
        reviewer = self.luck.choice(REVIEWERS)
        ended = self.officers.do(
            keys.DESK, lambda: review.cancel(reviewer, row.notice_id, "EXPIRED", f"{CANARY} lapsed")
        )
        if ended:
            for notice in self.truth.notices:
                notice.taken_back = notice.taken_back or notice.owner_ref == row.owner_ref
        return f"{keys.DESK} {reviewer.officer} {row.notice_id} {'ended' if ended else 'proposed'}"

    def answer_query(self) -> str:
        found = self._mine(NoticeState.QUERY_TO_SOURCE)
        if found is None:
            return ""
        notice, _ = found
        notices = self.officers.federation.bureau(notice.owner).notices
        notice.raw["marks"] = f"Scar on left cheek {self.officers.next():04}"
        self.officers.do(
            notice.owner,
            lambda: notices.submit(
                OFFICER,
                "red",
                notice.raw,
                owner_ref=notice.owner_ref,
                excluded=notice.excluded,
                submission=notice.submission,
            ),
        )
        return f"{notice.owner} {notice.owner_ref}"
