"""World manufacturer identifiers: who assigns which first characters of a vehicle's number (ISO 3780), and to whom.

Countries are listed only where older and newer editions of the assignment agree. Makers are the well-known ones;
what is not here is simply not told.
"""

from bisect import bisect_right
from typing import NamedTuple

ORDER = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890"
"""The order of characters in the ranges of the standard: no I, O, Q, and 0 comes last."""

REGIONS = (
    ("ABC", "Africa"),
    ("HJKLMNPR", "Asia"),
    ("STUVWXYZ", "Europe"),
    ("12345", "North America"),
    ("6", "Oceania"),
    ("89", "South America"),
)

_COUNTRIES = """
AA-AH ZAF  AJ-AK CIV  BA-BB AGO  BF-BG KEN
JA-J0 JPN  KF-KH ISR  KL-KR KOR  LA-L0 CHN  MA-ME IND  MF-MK IDN  ML-MR THA  NA-NE IRN  NF-NG PAK  NL-NR TUR
PA-PC PHL  PF-PG SGP  PL-PR MYS  RA-RB ARE  RF-RK TWN  RL-RM VNM  RS-RT SAU
SA-SM GBR  SN-ST DEU  SU-SZ POL  S1-S2 LVA  TA-TH CHE  TJ-TP CZE  TR-TV HUN  TW-T1 PRT  UH-UM DNK  UN-UR IRL
UU-UX ROU  U5-U7 SVK  VA-VE AUT  VF-VR FRA  VS-VW ESP  V3-V5 HRV  V6-V8 EST  WA-W0 DEU  XA-XC BGR  XF-XH GRC
XL-XR NLD  XS-XW RUS  XX-XY LUX  YA-YE BEL  YF-YK FIN  YS-YW SWE  YX-Y2 NOR  Y3-Y5 BLR  Y6-Y8 UKR  ZA-ZR ITA
ZX-ZZ SVN  Z3-Z5 LTU  Z6-Z0 RUS
1A-10 USA  2A-25 CAN  3A-3W MEX  4A-40 USA  5A-50 USA  6A-6W AUS  7F-70 USA
8A-8E ARG  8F-8G CHL  8L-8N ECU  8X-8Z VEN  9A-9E BRA  9F-9G COL  9S-9V URY  93-99 BRA
"""

_MAKERS = """
AHT Toyota South Africa
JA3 Mitsubishi|JA4 Mitsubishi|JF1 Subaru|JF2 Subaru|JHL Honda|JHM Honda|JH2 Honda motorcycles|JH4 Acura
JKA Kawasaki|JM1 Mazda|JMB Mitsubishi|JMZ Mazda|JN1 Nissan|JN8 Nissan|JS1 Suzuki motorcycles|JS2 Suzuki|JS3 Suzuki
JT2 Toyota|JTD Toyota|JTE Toyota|JTH Lexus|JTM Toyota|JTN Toyota|JYA Yamaha motorcycles
KL1 GM Korea|KMH Hyundai|KM8 Hyundai|KNA Kia|KND Kia|KPT SsangYong
LBV BMW Brilliance|LFV FAW-Volkswagen|LSV SAIC Volkswagen|LSG SAIC General Motors|LRW Tesla Shanghai|L6T Geely
MA1 Mahindra|MA3 Maruti Suzuki|MAL Hyundai India|MAT Tata|NLH Hyundai Assan|NM0 Ford Otosan|NMT Toyota Turkey
SAJ Jaguar|SAL Land Rover|SAR Rover|SB1 Toyota UK|SCC Lotus|SCF Aston Martin|SCA Rolls-Royce|SCB Bentley
SHH Honda UK|SJN Nissan UK|SUF FSM|TMA Hyundai Czech|TMB Škoda|TRU Audi Hungary|TSM Suzuki Hungary
U5Y Kia Slovakia|UU1 Dacia|VF1 Renault|VF3 Peugeot|VF6 Renault Trucks|VF7 Citroën|VNK Toyota France|VSS SEAT
VSK Nissan Spain|WAU Audi|WBA BMW|WBS BMW M|WDB Mercedes-Benz|WDC Mercedes-Benz|WDD Mercedes-Benz|WDF Mercedes-Benz
W1K Mercedes-Benz|W1N Mercedes-Benz|WEB EvoBus|WF0 Ford of Europe|WJM Iveco Magirus|WMA MAN|WME smart|WMW MINI
WP0 Porsche|WP1 Porsche|WVW Volkswagen|WV1 Volkswagen commercial|WV2 Volkswagen commercial|WVG Volkswagen|W0L Opel
XLR DAF|XLB NedCar|XTA Lada|XTT UAZ|YS2 Scania|YS3 Saab|YV1 Volvo Cars|YV2 Volvo Trucks
ZAR Alfa Romeo|ZCF Iveco|ZDM Ducati|ZFA Fiat|ZFF Ferrari|ZHW Lamborghini|ZLA Lancia|ZAM Maserati|ZAP Piaggio
1C3 Chrysler|1C4 Chrysler|1C6 Ram|1FA Ford|1FM Ford|1FT Ford|1FU Freightliner|1G1 Chevrolet|1GC Chevrolet|1GT GMC
1HD Harley-Davidson|1HG Honda USA|1J4 Jeep|1M8 Motor Coach Industries|1N4 Nissan USA|1XK Kenworth|1XP Peterbilt
2C3 Chrysler Canada|2FM Ford Canada|2G1 Chevrolet Canada|2HG Honda Canada|2T1 Toyota Canada|2T3 Toyota Canada
3FA Ford Mexico|3N1 Nissan Mexico|3VW Volkswagen Mexico|4JG Mercedes-Benz USA|4S3 Subaru USA|4T1 Toyota USA
5NP Hyundai USA|5TD Toyota USA|5UX BMW USA|5XY Kia USA|5YJ Tesla|7SA Tesla|6F4 Nissan Australia|6G1 Holden
6T1 Toyota Australia|8AP Fiat Argentina|8AW Volkswagen Argentina|93H Honda Brazil|93Y Renault Brazil
9BD Fiat Brazil|9BF Ford Brazil|9BG Chevrolet Brazil|9BW Volkswagen Brazil
"""


class _Range(NamedTuple):
    first: tuple[int, int]
    last: tuple[int, int]
    country: str


def _rank(pair: str) -> tuple[int, int]:
    return ORDER.index(pair[0]), ORDER.index(pair[1])


def _ranges() -> list[_Range]:
    said = _COUNTRIES.split()
    spans = zip(said[::2], said[1::2], strict=True)
    return sorted(_Range(_rank(span[:2]), _rank(span[3:]), country) for span, country in spans)


_RANGES = _ranges()
_FIRSTS = [span.first for span in _RANGES]
MAKERS = {line[:3]: line[4:] for line in _MAKERS.strip().replace("\n", "|").split("|")}
"""Names of makers by the first three characters."""


def region_of(vin: str) -> str:
    """The part of the world of a number's first character; ``""`` where that is not sure."""
    return next((name for letters, name in REGIONS if vin[0] in letters), "")


def country_of(vin: str) -> str:
    """The three-letter code of the country that assigned a number's first two characters; ``""`` if not sure."""
    pair = _rank(vin)
    at = bisect_right(_FIRSTS, pair) - 1
    return _RANGES[at].country if at >= 0 and pair <= _RANGES[at].last else ""
