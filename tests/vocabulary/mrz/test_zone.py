import pytest

from allpoints.vocabulary.mrz.zone import document_type


@pytest.mark.parametrize(
    ("code", "issuer", "kind"),
    [
        ("P", "UTO", "passport"),
        ("PP", "UTO", "passport"),
        ("PD", "UTO", "passport"),
        ("PL", "UTO", "laissez-passer"),
        ("P", "UNO", "laissez-passer"),
        ("P", "UNA", "laissez-passer"),
        ("V", "UTO", "visa"),
        ("VA", "UNO", "visa"),
        ("I", "UTO", "identity-card"),
        ("ID", "UTO", "identity-card"),
        ("IP", "UTO", "identity-card"),
        ("C", "UTO", "identity-card"),
        ("A", "UTO", "identity-card"),
        ("AC", "UTO", "other"),
        ("IR", "UTO", "residence-permit"),
        ("AR", "UTO", "residence-permit"),
        ("S", "UTO", "other"),
        ("", "UTO", "other"),
    ],
)
def test_a_document_code_stands_for_one_document_type(code: str, issuer: str, kind: str) -> None:
    assert document_type(code, issuer) == kind
