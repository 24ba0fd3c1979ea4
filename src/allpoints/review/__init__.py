"""Review: may this notice go out? Ordered gates of a dated rule version, then two people.

Promises: the same rule version and request always give the same findings, each with its sentence and the values
looked at; no machine refuses on Articles 2 and 3 or asylum, a person weighs them; nothing is approved past a gate
that refuses, unless the waiver says who and why; no decision is ever altered; and what would betray a refugee or
a danger to a person is told to the requester in one generic sentence only.
"""
