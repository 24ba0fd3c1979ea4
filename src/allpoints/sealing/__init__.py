"""Things only their addressees can read: canonical CBOR, sealed messages, receipts, wraps for entries, lines.

Promises: whoever carries a sealed thing can neither read it nor change one bit of it unseen, nor cut one of
several recipients off while the others notice nothing; all recipients of one sealed thing read the same words; and
what arrives is accepted only in the one form in which it could have been written.
"""
