"""Exact matching: which records stand behind an identifier, answered in a microsecond or two, also off-line.

The part promises four things. It holds keyed tokens and fixed 32-byte postings only, never an identifier in
clear (``tokens``, ``posting``). A segment that was altered or cut short is refused and never answers
(``segment``). A crash at any moment leaves the last flushed state, and ``ExactIndex.applied_seq`` says from
which ledger entry to go on (``index``). What was discarded is never found again.
"""
