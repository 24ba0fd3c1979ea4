"""Keccak-256 as Ethereum uses it: the submission to the SHA-3 contest, with its own padding."""

_ROUNDS = 24
_RATE = 136
_WORD = (1 << 64) - 1


def keccak_256(data: bytes, suffix: int = 0x01) -> bytes:
    """The 32-byte digest; with the suffix 0x06 it is SHA3-256 of FIPS 202."""
    padded = bytearray(data)
    padded.append(suffix)
    padded.extend(bytes(-len(padded) % _RATE))
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE):
        for at in range(_RATE // 8):
            begin = start + 8 * at
            lanes[at] ^= int.from_bytes(padded[begin : begin + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permuted(lanes: list[int]) -> list[int]:
    for constant in _CONSTANTS:
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        change = [columns[x - 1] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        moved = [0] * 25
        for at, (target, turn) in enumerate(_MOVES):
            moved[target] = _turned(lanes[at] ^ change[at % 5], turn)
        lanes = [
            moved[at] ^ (~moved[at - at % 5 + (at + 1) % 5] & moved[at - at % 5 + (at + 2) % 5] & _WORD)
            for at in range(25)
        ]
        lanes[0] ^= constant
    return lanes


def _turned(word: int, places: int) -> int:
    return ((word << places) | (word >> (64 - places))) & _WORD


def _moves() -> list[tuple[int, int]]:
    """Where each lane goes and how far it is turned (FIPS 202, 3.2.2 and 3.2.3)."""
    turns = [0] * 25
    x, y = 1, 0
    for step in range(24):
        turns[x + 5 * y] = (step + 1) * (step + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    return [(at // 5 + 5 * ((2 * (at % 5) + 3 * (at // 5)) % 5), turns[at]) for at in range(25)]


def _constants() -> list[int]:
    """The round constants, from the shift register of FIPS 202, 3.2.5."""
    found = []
    register = 1
    for _ in range(_ROUNDS):
        constant = 0
        for power in range(7):
            constant |= (register & 1) << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        found.append(constant)
    return found


_MOVES = _moves()
_CONSTANTS = _constants()
