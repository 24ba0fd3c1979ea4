"""The codes of the domain reference, which ones need two officers, and which are never told."""

from allpoints.review.codes import any_sealed, known, needs_two, reasons, tellable

CODES = (
    "A3-POL A3-MIL A3-REL A3-RAC A2-TORTURE A2-TRIAL A2-DEATH REFUGEE NBI PRIV NORMS ADMIN PENALTY ID-INSUFF FACTS-VAGUE"
    " NO-WARRANT NO-EXTRADITION NO-INTL-INTEREST DUP EXPIRED SOURCE-SILENT"
)


def test_the_codes_are_those_of_the_domain_reference() -> None:
    assert list(known()) == CODES.split()


def test_articles_2_and_3_and_asylum_need_two_officers_and_the_rest_one() -> None:
    two = {code for code in known() if code.startswith(("A2-", "A3-")) or code == "REFUGEE"}
    assert needs_two(known()) == two
    assert len(two) == 8


def test_article_2_and_asylum_are_sealed_and_never_tellable() -> None:
    sealed = {code for code in known() if code.startswith("A2-") or code == "REFUGEE"}
    assert {code for code in known() if any_sealed([code])} == sealed
    assert sealed.isdisjoint(tellable())
    assert set(tellable()) == set(known()) - sealed | {reasons().generic.code}
