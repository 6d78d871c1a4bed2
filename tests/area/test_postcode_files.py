"""Postcode files as their publishers write them, and wrong ones."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from skillsmatch.area.areas import load_area
from skillsmatch.area.loading import PostcodeFileError, PostcodeRow, in_area, read_postcodes
from skillsmatch.area.places import distance_km

LEICESTER = "E06000016"
CODE_POINT_ROW = '"LE1 1AA",10,458900,304500,"E92000001","E19000002","E18000005","","E06000016","E05010465"\n'
CODE_POINT_HEADER = (
    "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\n"
    "Postcode,Positional_quality_indicator,Eastings,Northings,Country_code,NHS_regional_HA_code,NHS_HA_code,"
    "Admin_county_code,Admin_district_code,Admin_ward_code\n"
)
LONG_HEADER = CODE_POINT_HEADER.split("\n")[1] + "\n"


def written(folder: Path, text: str, name: str = "postcodes.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def read(folder: Path, text: str) -> list[PostcodeRow]:
    return list(read_postcodes(written(folder, text)))


@pytest.mark.parametrize("header", ["", CODE_POINT_HEADER, LONG_HEADER])
def test_code_point_open_is_read_with_and_without_its_header(tmp_path: Path, header: str) -> None:
    # given rows of Code-Point Open, when they are read
    rows = read(tmp_path, header + CODE_POINT_ROW)

    # then grid places have become latitude and longitude, with the district and not the county
    assert [(r.postcode, r.outcode, r.district) for r in rows] == [("LE11AA", "LE1", LEICESTER)]
    assert distance_km(rows[0].lat, rows[0].lon, 52.6348, -1.1306) < 0.1


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (
            "pcd,pcds,oslaua,oseast1m,osnrth1m,lat,long",
            "LE1 1AA,LE1 1AA,E06000016,458900,304500,52.63482,-1.13054",
        ),
        ("pcd7,pcds,dointr,doterm,lad25cd,lat,long", "LE1 1AA,LE1 1AA,198001,,E06000016,52.63482,-1.13054"),
        ("\ufeffpcds,lat,long,laua", "LE1 1AA,52.63482,-1.13054,E06000016"),
        ("postcode,lat,lon,lad_code", "le11aa,52.63482,-1.13054,E06000016"),
        ("Postcode,Latitude,Longitude,District", "LE1 1AA,52.63482,-1.13054,E06000016"),
    ],
)
def test_latitude_and_longitude_are_taken_as_they_stand(tmp_path: Path, header: str, row: str) -> None:
    assert read(tmp_path, f"{header}\n{row}\n") == [PostcodeRow("LE11AA", 52.63482, -1.13054, LEICESTER)]


def test_a_file_without_districts_is_read_with_none(tmp_path: Path) -> None:
    assert read(tmp_path, "postcode,lat,lon\nLE1 1AA,52.6,-1.1\n")[0].district == ""


def test_postcodes_without_a_place_are_left_out(tmp_path: Path) -> None:
    # given a Jersey postcode, one without a grid place and an empty one
    directory = read(tmp_path, "pcds,lat,long\nJE2 3AB,99.999999,0.000000\nLE1 1AA,52.6,-1.1\nLE1 1AB,,\n")
    grid = read(tmp_path, CODE_POINT_ROW.replace("458900,304500", "0,0"))

    # then only the one with a place is taken
    assert [row.postcode for row in directory] == ["LE11AA"]
    assert grid == []


def test_blank_lines_are_passed_over_and_a_header_alone_is_no_rows(tmp_path: Path) -> None:
    assert len(read(tmp_path, "postcode,lat,lon\n\nLE1 1AA,52.6,-1.1\n\n")) == 1
    assert read(tmp_path, "postcode,lat,lon\n") == []


def test_a_gzip_file_is_told_by_its_content_not_its_name(tmp_path: Path) -> None:
    file = tmp_path / "postcodes.csv"
    file.write_bytes(gzip.compress(CODE_POINT_ROW.encode(), mtime=0))

    assert [row.postcode for row in read_postcodes(file)] == ["LE11AA"]


GOOD = "postcode,lat,lon,lad_code\nLE1 1AA,52.6,-1.1,E06000016\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "postcodes.csv: is empty"),
        ("name,lat,lon\n", "row 1, postcode: this column is missing"),
        ("postcode,lat\n", "row 1, lat: lat and long are missing"),
        ("postcode,eastings\n", "row 1, lat: lat and long are missing"),
        ("LE1 1AA,458900,304500\n", "row 1: no header, and 3 columns"),
        (GOOD + "LE1,52.6,-1.1,E06000016\n", "row 3, postcode: 'LE1' is not a full postcode"),
        (GOOD + ",52.6,-1.1,E06000016\n", "row 3, postcode: '' is not a full postcode"),
        (GOOD + "LE1 1AB,north,-1.1,E06000016\n", "row 3, lat: 'north' is not a number"),
        (GOOD + "LE1 1AB,52.6,nan,E06000016\n", "row 3, lon: 'nan' is not a number"),
        (GOOD + "LE1 1AB,48.6,-1.1,E06000016\n", "row 3, lat: '48.6' is not between 49 and 61 degrees"),
        (GOOD + "LE1 1AB,52.6,-11,E06000016\n", "row 3, lon: '-11' is not between -9 and 2 degrees"),
        (GOOD + "LE1 1AB,52.6,-1.1,Leicester\n", "row 3, lad_code: 'Leicester' is not an ONS code"),
        (GOOD + "LE1 1AB,52.6,-1.1\n", "row 3: 3 cells, 4 are needed"),
        (GOOD + '"LE1 1AB,52.6,-1.1,E06000016\n', "cannot be read"),
        (GOOD + "LE1\x001AB,52.6,-1.1,E06000016\n", "row 3, postcode"),
        (GOOD + "L" * 200_000 + ",52.6,-1.1,E06000016\n", "cannot be read"),
        (
            CODE_POINT_ROW + CODE_POINT_ROW.replace("458900", "958900"),
            "row 2, eastings: '958900' is not on the",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_row_and_column(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PostcodeFileError) as refused:
        read(tmp_path, text)

    assert words in str(refused.value)
    assert str(refused.value).startswith("postcodes.csv")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "content",
    [GOOD.encode("utf-16"), b"postcode,lat,lon\n\xff\xfe,1,2\n", gzip.compress(GOOD.encode() * 9, mtime=0)[:60]],
)
def test_a_file_that_is_not_text_or_is_cut_short_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "postcodes.csv"
    file.write_bytes(content)

    with pytest.raises(PostcodeFileError, match=r"postcodes\.csv, row"):
        list(read_postcodes(file))


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PostcodeFileError, match=r"nothing\.csv: cannot be read"):
        list(read_postcodes(tmp_path / "nothing.csv"))


def test_the_area_keeps_its_postcode_districts_and_its_councils_edges() -> None:
    keep = in_area(load_area())

    assert keep(PostcodeRow("LE101AA", 52.5, -1.4, "E07000132"))
    assert keep(PostcodeRow("CV100RY", 52.5, -1.4, "E07000132"))  # its district only
    assert keep(PostcodeRow("DE126AA", 52.7, -1.5, "E07000039"))  # its postcode district only
    assert not keep(PostcodeRow("B11AA", 52.5, -1.9, "E08000025"))
    assert not keep(PostcodeRow("B11AA", 52.5, -1.9, ""))


def test_every_real_local_postcode_is_taken(shared: Path) -> None:
    file = shared / "data/geography/postcodes_llr_2014.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        known = {r["postcode"].replace(" ", ""): r["lad_code"] for r in csv.DictReader(opened)}

    taken = {row.postcode: row.district for row in read_postcodes(file)}

    assert taken == known
