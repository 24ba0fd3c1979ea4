"""Members announce their keys, the secretariat names them, and what it wrote is enough for whoever has no node."""

from tests.cli.processes import Town, until


def check_a_proof_with_the_named_policy(town: Town) -> None:
    """The policy names log and witnesses: proofs made under it are checked with that file alone."""
    for node in ("xav", "xbm"):
        town.done("witness", "announce", "--dir", node)
    assert until(lambda: "XBM" in town.done("witness", "list", "--dir", "xsc").out)
    assert until(lambda: town.type("witness", "name", "XAV", "XBM", "--dir", "xsc").code == 0)
    assert until(lambda: town.type("witness", "head", "--dir", "xav").code == 0)
    (town.folder / "named.policy").write_text(town.done("witness", "policy", "--dir", "xav").out)
    town.done("ledger", "prove", "2", "--dir", "xav")
    told = town.done("verify", "2.tlog-proof", "--policy", "named.policy", "--dir", "nowhere", "--json").json
    assert set(told["witnesses"]) == {"XAV", "XBM"}
    assert told["believed"] == "what named.policy names"
