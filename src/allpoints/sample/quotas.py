"""How often what happens: exact shares, evenly spread, so that a day of any length has the ratio it should have."""

from collections.abc import Iterator, Mapping

from allpoints.sample.world import World

MILLION = 1_000_000


def occasions(world: World, name: str, per_million: int, among: int) -> Iterator[int]:
    """Numbers below ``among`` at which it happens, in order: its share of them rounded, and once at least."""
    count = min(among, max(1, round(among * per_million / MILLION)))
    for number in range(count):
        first, end = number * among // count, (number + 1) * among // count
        yield first + world.chance(name, number).below(max(1, end - first))


class Quotas:
    """Which of several things happens to the numbers from 0 on, asked in order; at most one to each."""

    def __init__(self, world: World, shares: Mapping[str, int], among: int) -> None:
        self._streams = {
            name: occasions(world, f"quota {name}", share, among) for name, share in shares.items()
        }
        self._next = {name: next(stream) for name, stream in self._streams.items()}

    def what(self, number: int) -> str:
        """What happens to this number, empty for nothing; what finds its place taken happens to the next one."""
        for name, due in self._next.items():
            if due <= number:
                following = next(self._streams[name], None)
                if following is None:
                    del self._next[name]
                else:
                    self._next[name] = following
                return name
        return ""
