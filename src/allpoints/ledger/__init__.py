"""The ledger: every signed entry of the network, in one order, under one signed tree.

The relay appends and signs a checkpoint once per group commit; everyone else follows. What a follower applies is
covered by a checkpoint of exactly that size, carries its author's two signatures and stands next in its author's
chain: a relay that forges or alters an entry, changes an author's order, or leaves one out and goes on is refused.
What it withholds from the end on, or tells one member otherwise than another, is for witnesses to see.
No function here begins or commits: the engine does, and a refusal leaves the tables as they were.
"""
