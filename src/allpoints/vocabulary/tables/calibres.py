"""Well-known cartridges and what else they are called.

Each line: the name that is kept; designations that mean it by themselves; bores that mean it together with one of
the words in the last part. Spelling (spaces, points, “mm”) does not matter here, see ``types.calibre``.
"""

from collections.abc import Iterator

CARTRIDGES = """
.17 HMR | | .17, 4.5 | HMR, Hornady Magnum Rimfire
.22 Short | 5.6x11R | .22 | Short, Kurz, kurz
.22 LR | 5.6x15R, .22 lfB | .22 | LR, Long Rifle, L.R., lfB, Long Rifle HV
.22 WMR | 5.6x27R, .22 Magnum, .22 Mag, .22 Win Mag | .22 | WMR, Winchester Magnum, Winchester Magnum Rimfire
.25 ACP | 6.35x15, 6.35x16, 6.35x16SR, 6.35x15.5SR, .25 Auto | 6.35, .25 | ACP, Browning, Automatic
.32 ACP | 7.65x17, 7.65x17SR, .32 Auto | 7.65, .32 | ACP, Browning, Automatic, Browning Short
.32 S&W Long | 7.65x23R, 8.1x23R | .32 | S&W Long, Smith & Wesson Long, Wadcutter
.357 Magnum | 9x33R, .357 Mag, .357 Rem Mag | .357 | Magnum, Remington Magnum, S&W Magnum
.357 SIG | 9x22SIG | .357 | SIG
.38 Special | 9x29R, .38 Spl, .38 Spc | .38 | Special, S&W Special, Spl, Spc, Smith & Wesson Special
.38 S&W | 9x20R, .38/200 | .38 | S&W, Smith & Wesson, S&W Short
.380 ACP | 9x17, .380 Auto | 9, .380, 9x17 | ACP, Auto, Kurz, Short, Corto, Court, Browning Short, Browning Kurz, Browning Corto, Browning Court
9x18mm Makarov | 9x18 | 9, 9.2 | Makarov, PM, Makarow
9x19mm Parabellum | 9x19 | 9 | Parabellum, Para, Luger, NATO, P08, Pist. Patr. 08
9x21mm | 9x21 | 9 | IMI
9x23mm Largo | 9x23 | 9 | Largo, Bergmann, Bayard Largo, Bergmann-Bayard
9mm PAK | 9x22PA | 9 | PAK, P.A.K., PA, P.A., Knall
7.62x25mm Tokarev | 7.62x25 | 7.62 | Tokarev, TT, Tokarew
7.63x25mm Mauser | 7.63x25, .30 Mauser | 7.63 | Mauser
7.62x38mmR Nagant | 7.62x38R, 7.62x38 | 7.62 | Nagant
7.65x21mm Parabellum | 7.65x21, .30 Luger | 7.65 | Parabellum, Para, Luger
.40 S&W | 10x22 | .40 | S&W, Smith & Wesson
10mm Auto | 10x25 | 10 | Auto
.44 Magnum | 10.9x33R, .44 Mag, .44 Rem Mag | .44 | Magnum, Remington Magnum
.45 ACP | 11.43x23, 11.25x23 | .45 | ACP, Auto, Automatic
.45 Colt | 11.43x33R | .45 | Colt, Long Colt, LC
.454 Casull | .454 | |
.455 Webley | .455 | |
.50 AE | 12.7x33 | .50 | AE, Action Express
.500 S&W Magnum | 12.7x41SR, .500 S&W | .500 | S&W, S&W Magnum, Magnum
4.6x30mm | 4.6x30 | 4.6 | HK, H&K
5.45x39mm | 5.45x39 | 5.45 | Soviet, Kalashnikov
5.56x45mm NATO | 5.56x45 | 5.56 | NATO
5.7x28mm | 5.7x28 | 5.7 | FN
.223 Remington | | .223 | Remington, Rem
.243 Winchester | 6.2x52 | .243 | Winchester, Win
.270 Winchester | 6.9x64 | .270 | Winchester, Win
.30 Carbine | 7.62x33, .30 M1 | .30 | Carbine, M1 Carbine, US Carbine
.30-06 Springfield | 7.62x63, .30-06, .30/06 | .30-06, .30/06 | Springfield, Sprg
.30-30 Winchester | .30-30, .30/30 | .30-30, .30/30 | Winchester, Win
.300 Blackout | 7.62x35, .300 BLK | .300 | Blackout, AAC Blackout, BLK
.300 Winchester Magnum | 7.62x67, .300 WM | .300 | Winchester Magnum, Win Mag, WM
.303 British | 7.7x56R | .303 | British
.308 Winchester | | .308 | Winchester, Win
.338 Lapua Magnum | 8.6x70 | .338 | Lapua Magnum, Lapua Mag, LM, Lapua
.50 BMG | 12.7x99 | .50, 12.7 | BMG, Browning, Browning Machine Gun, NATO
6.5mm Creedmoor | 6.5x48 | 6.5 | Creedmoor, CM
6.5x55mm Swedish | 6.5x55, 6.5x55SE | 6.5 | Swedish, Swedish Mauser, SE
7mm Remington Magnum | 7x64B | 7 | Remington Magnum, Rem Mag
7x57mm Mauser | 7x57 | 7 | Mauser
7x64mm | 7x64 | 7 | Brenneke
7.5x54mm French | 7.5x54 | 7.5 | French, MAS
7.5x55mm Swiss | 7.5x55, GP 11, GP11 | 7.5 | Swiss
7.62x39mm | 7.62x39 | 7.62 | Soviet, M43, Kalashnikov, Russian Short
7.62x51mm NATO | 7.62x51 | 7.62 | NATO
7.62x54mmR | 7.62x54R, 7.62x54 | 7.62 | Russian, Mosin, Mosin-Nagant
7.92x33mm Kurz | 7.92x33 | 7.92 | Kurz
7.92x57mm Mauser | 7.92x57, 7.92x57IS, 8x57, 8x57IS, 8x57JS | 7.92, 8 | Mauser, IS, JS
9x39mm | 9x39 | |
12.7x108mm | 12.7x108 | |
14.5x114mm | 14.5x114 | |
.410 bore | .410, 410 gauge, .410 gauge, 36 gauge, .410/76, .410/65, 36/76, 36/65 | |
"""

TAKEN_FOR = (
    (".223 Remington", "5.56x45mm NATO"),
    (".308 Winchester", "7.62x51mm NATO"),
    (".38 Special", ".357 Magnum"),
    (".30-06 Springfield", ".30-30 Winchester"),
)
"""Pairs that fire, or are thought to fire, from each other's weapons and are named for each other."""


def _words(part: str) -> list[str]:
    return [word.strip() for word in part.split(",") if word.strip()]


def called() -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Each cartridge with everything it is called, and with the bores that alone do not tell it."""
    for line in CARTRIDGES.strip().split("\n"):
        name, alone, bores, epithets = (part.strip() for part in line.split("|"))
        stems = _words(alone) + _words(bores)
        joined = [f"{stem} {word}" for stem in stems for word in _words(epithets)]
        yield name, (name, *_words(alone), *joined), tuple(_words(bores))
