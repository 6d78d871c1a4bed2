"""National Grid to latitude and longitude, by the Ordnance Survey's published formulas.

Source: Ordnance Survey, "A guide to coordinate systems in Great Britain", annexes B and C.
"""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, radians, sin, sqrt, tan

AIRY = (6_377_563.396, 6_356_256.909)  # metres; semi-axes of the grid's ellipsoid, Airy 1830
WGS84 = (6_378_137.000, 6_356_752.3142)  # metres; semi-axes of the ellipsoid that GPS uses
SCALE = 0.9996012717  # of the central meridian
ORIGIN_LAT, ORIGIN_LON = radians(49), radians(-2)
FALSE_EASTING, FALSE_NORTHING = 400_000.0, -100_000.0  # metres

# Helmert change from OSGB36 to WGS84: metres, parts per million, seconds of arc. Within about 5 metres.
SHIFT = (446.448, -125.157, 542.060)
GROWTH = -20.4894e-6
TURN = tuple(radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))

EASTINGS = (0.0, 700_000.0)  # metres; the grid's own extent
NORTHINGS = (0.0, 1_300_000.0)


def to_wgs84(easting: float, northing: float) -> tuple[float, float]:
    """Latitude and longitude (WGS84 degrees) of a point on the National Grid (metres); within 10 metres.

    Refused (ValueError) outside the grid.
    """
    if not (EASTINGS[0] <= easting <= EASTINGS[1] and NORTHINGS[0] <= northing <= NORTHINGS[1]):
        raise ValueError(f"{easting:g}, {northing:g} is not on the National Grid")
    return _from_cartesian(*_helmert(*_to_cartesian(*_from_grid(easting, northing))))


def _meridian_arc(lat: float) -> float:
    """Metres along the central meridian from the grid's origin to `lat` (radians)."""
    a, b = AIRY
    n = (a - b) / (a + b)
    apart, together = lat - ORIGIN_LAT, lat + ORIGIN_LAT
    return (
        b
        * SCALE
        * (
            (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * apart
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(apart) * cos(together)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * apart) * cos(2 * together)
            - 35 / 24 * n**3 * sin(3 * apart) * cos(3 * together)
        )
    )


def _from_grid(easting: float, northing: float) -> tuple[float, float]:
    """Latitude and longitude on the Airy ellipsoid, in radians."""
    a, b = AIRY
    lat = ORIGIN_LAT
    for _ in range(10):  # each step gains about five digits, so four are enough
        rest = northing - FALSE_NORTHING - _meridian_arc(lat)
        lat += rest / (a * SCALE)
        if abs(rest) < 1e-5:
            break
    e2 = 1 - (b / a) ** 2
    nu = a * SCALE / sqrt(1 - e2 * sin(lat) ** 2)
    rho = a * SCALE * (1 - e2) / (1 - e2 * sin(lat) ** 2) ** 1.5
    eta2 = nu / rho - 1
    t, sec, d = tan(lat), 1 / cos(lat), easting - FALSE_EASTING
    north = (
        t / (2 * rho * nu) * d**2
        - t / (24 * rho * nu**3) * (5 + 3 * t**2 + eta2 - 9 * t**2 * eta2) * d**4
        + t / (720 * rho * nu**5) * (61 + 90 * t**2 + 45 * t**4) * d**6
    )
    east = (
        sec / nu * d
        - sec / (6 * nu**3) * (nu / rho + 2 * t**2) * d**3
        + sec / (120 * nu**5) * (5 + 28 * t**2 + 24 * t**4) * d**5
        - sec / (5040 * nu**7) * (61 + 662 * t**2 + 1320 * t**4 + 720 * t**6) * d**7
    )
    return lat - north, ORIGIN_LON + east


def _to_cartesian(lat: float, lon: float) -> tuple[float, float, float]:
    """A point on the Airy ellipsoid's surface, in metres from the earth's centre."""
    a, b = AIRY
    e2 = 1 - (b / a) ** 2
    nu = a / sqrt(1 - e2 * sin(lat) ** 2)
    return nu * cos(lat) * cos(lon), nu * cos(lat) * sin(lon), (1 - e2) * nu * sin(lat)


def _helmert(x: float, y: float, z: float) -> tuple[float, float, float]:
    """The same point in WGS84."""
    rx, ry, rz = TURN
    s = 1 + GROWTH
    return (
        SHIFT[0] + s * x - rz * y + ry * z,
        SHIFT[1] + rz * x + s * y - rx * z,
        SHIFT[2] - ry * x + rx * y + s * z,
    )


def _from_cartesian(x: float, y: float, z: float) -> tuple[float, float]:
    """Latitude and longitude on WGS84, in degrees."""
    a, b = WGS84
    e2 = 1 - (b / a) ** 2
    flat = hypot(x, y)
    lat = atan2(z, flat * (1 - e2))
    for _ in range(6):
        nu = a / sqrt(1 - e2 * sin(lat) ** 2)
        lat = atan2(z + e2 * nu * sin(lat), flat)
    return degrees(lat), degrees(atan2(y, x))
