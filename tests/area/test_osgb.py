"""The National Grid to latitude and longitude."""

from __future__ import annotations

import csv
import gzip
from itertools import islice
from pathlib import Path

import pytest

from skillsmatch.area.osgb import to_wgs84
from skillsmatch.area.places import distance_km

METRES_ALLOWED = 10


def test_every_fiftieth_local_postcode_lies_within_ten_metres_of_its_known_place(shared: Path) -> None:
    # given published postcodes with both a grid place and a latitude and longitude
    with gzip.open(shared / "data/geography/postcodes_llr_2014.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(islice(csv.DictReader(file), 0, None, 50))

    # when each is worked out from the grid
    misses = [
        distance_km(*to_wgs84(float(r["easting"]), float(r["northing"])), float(r["lat"]), float(r["lon"]))
        * 1000
        for r in rows
    ]

    # then none is far out
    assert len(misses) > 400
    assert max(misses) < METRES_ALLOWED


@pytest.mark.parametrize(
    ("easting", "northing", "lat", "lon"),
    [
        (458700, 304300, 52.63304, -1.13358),  # Leicester, by the clock tower
        (530000, 180000, 51.50378, -0.12796),  # London, near Westminster
        (325000, 673000, 55.94470, -3.20200),  # Edinburgh, near the castle
        (147000, 30000, 50.10530, -5.53780),  # Penzance
    ],
)
def test_places_all_over_britain_come_out_where_they_are(
    easting: float, northing: float, lat: float, lon: float
) -> None:
    assert distance_km(*to_wgs84(easting, northing), lat, lon) < 1.5


def test_the_meridian_of_the_grid_runs_close_to_two_degrees_west() -> None:
    # given points on the grid's central easting, from Dorset to Orkney
    longitudes = [to_wgs84(400_000, northing)[1] for northing in range(80_000, 1_000_001, 230_000)]

    # then all lie within 150 metres of 2 degrees west, the datum's own shift
    assert all(abs(lon + 2) < 0.0022 for lon in longitudes)


@pytest.mark.parametrize(
    ("easting", "northing"), [(-1, 300_000), (700_001, 300_000), (450_000, -1), (450_000, 1_300_001)]
)
def test_a_point_off_the_grid_is_refused(easting: float, northing: float) -> None:
    with pytest.raises(ValueError, match="National Grid"):
        to_wgs84(easting, northing)
