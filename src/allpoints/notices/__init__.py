"""Notices: colour-coded bulletins that a member asks for and the secretariat publishes.

Promises: what a member signed is what every node folds, byte for byte, so authorship stays provable; nobody but
the owner withdraws and nobody but two reviewers cancels; a published number is never given twice; a notice that
has ended leaves a tombstone without the person's data.
"""
