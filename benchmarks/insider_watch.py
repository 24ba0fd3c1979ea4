"""False alarms and finds of the insider watch on a simulated year of one bureau, for each rule.

    PYTHONPATH=src python -m benchmarks.insider_watch

Method: 56 officers of a bureau ask for 52 weeks after 4 weeks in which a past grows. Border officers work rotating shifts
with the hours of the sample world's land borders; desk officers have cases with few persons or many, late days and, a third
of them, nights on call; command officers work around the clock on the requests of others; analysts have quiet weeks and days of an
operation. Into that year twelve of each kind of odd asking are planted, each by an officer and on days drawn by lot. A
finding on a day of a planted one, about its officer, finds it; every other finding is a false alarm. The year is drawn by
a seed and is the same every time; names are those of the sample world. What it shows is how rules and dials act on such a
year, not how a real bureau asks.
"""

import time
from collections import Counter, defaultdict

from allpoints.ground.clock import DAY
from allpoints.watch.picture import Picture
from allpoints.watch.rules import RULES, Dials
from benchmarks.insider_year import (
    FIRST_DAY,
    ODD,
    PAST_WEEKS,
    PROTECTED,
    WEEKS,
    Bureau,
    Plant,
    planted,
    questions,
)
from benchmarks.measuring import closing, heading


def whose(subject: str) -> frozenset[str]:
    """Whose own a subject is: one person is protected, and each officer has a name."""
    if subject == PROTECTED:
        return frozenset({""})
    own = subject.removeprefix("name:").split()
    return frozenset(own) - {"own"} if "own" in own else frozenset()


def main() -> None:
    heading("Insider watch: a simulated year of one bureau", (__doc__ or "").partition("Method: ")[2])
    bureau = Bureau()
    plants = planted(bureau)
    picture = Picture(Dials(), lambda officer, _post: bureau.roles[officer])
    picture.whose = whose
    odd_days = {(plant.officer, day): plant for plant in plants for day in plant.days}
    false, found = Counter[str](), defaultdict[Plant, set[str]](set)
    asked, took = 0, 0.0
    for one in questions(bureau, plants):
        start = time.perf_counter()
        odd = picture.take(one)
        took += time.perf_counter() - start
        asked += 1
        for finding in odd:
            plant = odd_days.get((one.officer, one.at_ms // DAY))
            if plant is not None:
                found[plant].add(finding.rule)
            elif one.at_ms // DAY >= FIRST_DAY + PAST_WEEKS * 7:
                false[finding.rule] += 1
    report(bureau, plants, false, found, asked, took)


def report(
    bureau: Bureau,
    plants: list[Plant],
    false: Counter[str],
    found: dict[Plant, set[str]],
    asked: int,
    took: float,
) -> None:
    officer_years = len(bureau.roles) * WEEKS / 52
    print(f"{asked:,} questions of {len(bureau.roles)} officers; {took / asked * 1e6:.1f} µs each\n")
    print("rule         false alarms  an officer and year")
    for rule in RULES:
        print(f"{rule:<12} {false[rule]:>12}  {false[rule] / officer_years:>8.3f}")
    print(f"{'all':<12} {false.total():>12}  {false.total() / officer_years:>8.3f}\n")
    print("planted                                            found  by")
    figures = {"false_per_officer_year": false.total() / officer_years, "microseconds": took / asked * 1e6}
    for kind in ODD:
        each = [plant for plant in plants if plant.kind == kind]
        seen = [plant for plant in each if found.get(plant)]
        by = Counter(rule for plant in seen for rule in found[plant])
        print(
            f"{kind:<50} {len(seen):>2}/{len(each)}  {', '.join(f'{rule} {n}' for rule, n in by.most_common())}"
        )
        figures[f"found: {kind}"] = len(seen) / len(each)
    closing(figures)


if __name__ == "__main__":
    main()
