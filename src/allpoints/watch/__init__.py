"""Insider watch: what is odd in how officers ask, found in the audit lines themselves and told to their overseers alone.

Rules are small and exact, with dials. They find what a person should look at, and prove nothing.
"""
