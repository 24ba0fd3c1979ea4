"""The life of a record: entered, changed, withdrawn, expired, imported, found again.

A record is written by its owner alone. The owner's acts travel as batches in ledger entries; every node that may
open a batch checks each act again as if its author were hostile and folds it into ``state_records``. The outcome
depends on the entries alone, so all readers hold the same. Nothing here begins or commits a transaction, and
nothing is kept of a record's content once it is withdrawn or expired.
"""
