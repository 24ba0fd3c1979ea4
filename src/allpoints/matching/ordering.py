"""Putting rows of keys and postings into the one order that segments have."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.uint8]
"""A two-dimensional array of bytes: (n, 16) keys or (n, 32) postings."""


def words(keys: Rows) -> NDArray[np.uint64]:
    """Each 16-byte key as two numbers that sort as the key's bytes do; shape (n, 2)."""
    return np.ascontiguousarray(keys).view(">u8").astype(np.uint64)


def distinct_order(keys: Rows, postings: Rows) -> NDArray[np.intp]:
    """The positions that put rows in ascending order of key, each different row once.

    Rows of one key stay in the order given; of equal rows the first stays.
    """
    pairs = words(keys)
    order = np.argsort(pairs[:, 0], kind="stable")
    ranked = pairs[order, 0]
    same = ranked[1:] == ranked[:-1]
    if not same.any():
        return order
    # Only rows that share half a key with a neighbour need a second look: few, unless the input repeats.
    tied = np.zeros(len(order), dtype=np.bool_)
    tied[1:] |= same
    tied[:-1] |= same
    places = np.flatnonzero(tied)
    chosen = order[places]
    chosen = chosen[np.lexsort((pairs[chosen, 1], pairs[chosen, 0]))]
    order[places] = chosen
    whole = np.ascontiguousarray(np.hstack((keys[chosen], postings[chosen]))).view("S48").reshape(-1)
    _, firsts = np.unique(whole, return_index=True)
    keep = np.ones(len(order), dtype=np.bool_)
    keep[places] = False
    keep[places[firsts]] = True
    return order[keep]
