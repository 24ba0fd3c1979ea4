import platform
import subprocess
import sys

import pytest

from allpoints.ground import memory

TRIAL = """
import sys
from pathlib import Path
from allpoints.ground import memory

def own():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0])

if sys.argv[1] == "yes":
    assert memory.give_back()
# A freed block of this size raises the library's bounds; what lies after it is then kept.
bytearray(24_000_000)
held = [(bytearray(2_000_000), bytearray(1_000)) for _ in range(100)]
held = [small for _, small in held]
print(own())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has other bounds")
def test_large_blocks_go_back_to_the_system_though_small_ones_between_them_stay() -> None:
    def left(told: str) -> int:
        done = subprocess.run([sys.executable, "-c", TRIAL, told], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert left("yes") + 100_000 < left("no")


def test_another_library_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert memory.give_back() is False
