"""Checks, verdicts, hits and extracts: what happens in the seconds when a traveller stands there.

A check is one question; its verdict says what the officer should do, before it says why. A hit is a lead,
never a proof: its owner confirms or refutes it against a clock, and nothing here arrests or refuses anybody.
"""
