"""How the C library keeps memory that was given back, where it is the GNU one."""

import ctypes
import platform

MAPPED_FROM_BYTES = 256 * 1024
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Names of ``mallopt`` (malloc.h of the GNU C library)."""


def give_back() -> bool:
    """Let large blocks go back to the system as soon as they are free; false where the library knows no such thing.

    Left to itself the library raises its bounds to the largest block ever freed, and a node that once merged or
    imported keeps a third of its memory for nothing.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    library = ctypes.CDLL(None)
    return bool(library.mallopt(_M_MMAP_THRESHOLD, MAPPED_FROM_BYTES)) and bool(
        library.mallopt(_M_TRIM_THRESHOLD, MAPPED_FROM_BYTES)
    )
