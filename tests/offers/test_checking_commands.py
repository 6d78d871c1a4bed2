"""`flask offers check`: what is wrong and what would change, with nothing applied."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from skillsmatch.offers import previewing
from skillsmatch.offers.inert import as_written, inert
from tests.offers.course_files import (
    as_csv,
    course,
    courses,
    everything,
    read_courses,
    write_file,
)
from tests.offers.test_loading_commands import run

TODAY = date(2026, 11, 23)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_check_shows_what_is_new_changed_and_the_same_and_applies_nothing(
    app: Flask, tmp_path: Path
) -> None:
    # given three courses that we hold
    run(app, "load", write_file(tmp_path, *courses(3)))
    rows = courses(4)
    rows[1] |= {"COST": "99", "LOCATION_TELEPHONE": "0116 000 0000", "STARTDATE": "01/02/2027"}
    path = write_file(tmp_path, *rows[1:], name="next.csv")
    with app.app_context():
        before = everything()

    # when a file without the first, with the second and the phone of their venue changed, and a fourth is checked
    result = run(app, "check", path, "--complete")

    # then each difference is shown field by field
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "1 new, 2 changed, 0 unchanged, 1 to be withdrawn",
        "New:",
        "  row 4: Welding, part 4",
        "Changed:",
        "  row 2: Welding, part 2",
        "    start dates: 2027-01-18 -> 2027-02-01",
        "    cost: 420.50 -> 99.00",
        "    venue phone: not given -> 0116 000 0000",
        "  row 3: Welding, part 3",
        "    venue phone: not given -> 0116 000 0000",
        "To be withdrawn:",
        "  Welding, part 1",
    ]
    # and nothing is applied until it is loaded, which then does just that
    with app.app_context():
        assert everything() == before
    assert (
        run(app, "load", path, "--complete", "--yes").stdout
        == "1 taken, 2 changed, 0 unchanged, 1 withdrawn\n"
    )
    assert run(app, "check", path, "--complete").stdout == "0 new, 0 changed, 3 unchanged\n"


def test_an_offer_that_comes_back_is_shown_as_that(app: Flask, tmp_path: Path) -> None:
    run(app, "load", write_file(tmp_path, *courses(2)))
    run(app, "load", write_file(tmp_path, *courses(1)), "--complete", "--yes")

    assert run(app, "check", write_file(tmp_path, *courses(2))).stdout.splitlines() == [
        "0 new, 1 changed, 1 unchanged",
        "Changed:",
        "  row 3: Welding, part 2",
        "    on offer: no -> yes",
    ]


def test_long_lists_are_cut_and_counted(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previewing, "MOST_LISTED", 2)

    lines = run(app, "check", write_file(tmp_path, *courses(5))).stdout.splitlines()

    assert lines[1:] == ["New:", "  row 2: Welding, part 1", "  row 3: Welding, part 2", "  and 3 more"]


def test_a_wrong_file_is_refused_in_the_words_of_a_load(app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, course(EDUCATION_LEVEL="9"))

    checked, loaded = run(app, "check", path), run(app, "load", path)

    assert (checked.exit_code, checked.stdout) == (1, "")
    assert checked.stderr == loaded.stderr
    assert f'{path}, row 2, EDUCATION_LEVEL: "9" is not a level' in checked.stderr


def test_the_errors_file_is_the_file_again_and_can_be_loaded_once_put_right(
    app: Flask, tmp_path: Path
) -> None:
    # given a file with faults in two of three rows, one of them a key that stands twice
    rows = [*courses(2), course(EDUCATION_LEVEL="9", COST="much")]
    path, out = write_file(tmp_path, *rows), tmp_path / "errors.csv"

    # when it is checked
    result = run(app, "check", path, "--errors", out)

    # then every row stands there again, with its faults beside it
    assert result.exit_code == 1
    found = rows_of(out)
    assert [row["COURSE_NAME"] for row in found] == [row["COURSE_NAME"] for row in rows]
    assert [row["ERRORS"].split(":")[0] for row in found] == ["", "", "COST"]
    assert 'EDUCATION_LEVEL: "9" is not a level' in found[2]["ERRORS"]
    # and once the cells are put right, the same file is taken with its column of errors
    found[2] |= {"EDUCATION_LEVEL": "2", "COST": "10", "COURSE_ID": "C3"}
    out.write_text(as_csv(*found, columns=tuple(found[0])), encoding="utf-8")
    assert run(app, "load", out).stdout == "3 taken, 0 changed, 0 unchanged\n"


def test_a_right_file_leaves_no_errors_file(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "errors.csv"

    assert run(app, "check", write_file(tmp_path, course()), "--errors", out).exit_code == 0
    assert sorted(file.name for file in tmp_path.glob("*.csv*")) == ["courses.csv"]


def test_no_cell_of_an_errors_file_is_a_formula_and_none_is_lost(app: Flask, tmp_path: Path) -> None:
    # given cells that a spreadsheet would run, and a wrong level
    names = ["=1+1", "+44 116 000", "@SUM(A1)", "-Welding", "'=quoted"]
    rows = [course(COURSE_ID=f"C{n}", COURSE_NAME=name) for n, name in enumerate(names)]
    rows[0]["EDUCATION_LEVEL"] = "9"
    out = tmp_path / "errors.csv"

    # when the errors are written
    run(app, "check", write_file(tmp_path, *rows), "--errors", out)

    # then each is marked, and read back as it was
    found = rows_of(out)
    assert [row["COURSE_NAME"][0] for row in found] == ["'"] * 5
    assert found[0]["LOCATION_LONGITUDE"] == "-1.13300"
    found[0]["EDUCATION_LEVEL"] = "2"
    out.write_text(as_csv(*found, columns=tuple(found[0])), encoding="utf-8")
    titles = [row.title for row in read_courses(out, TODAY) if not isinstance(row, list)]
    assert titles == ["=1+1", "+44 116 000", "@SUM(A1)", "-Welding", "=quoted"]


@given(st.text(max_size=20))
@example("=1")
@example("-1")
def test_only_a_plain_number_may_begin_as_a_formula_does(text: str) -> None:
    marked = inert(text)

    assert marked[:1] not in ("=", "@", "\t", "\r")
    assert marked[:1] not in ("+", "-") or float(marked) is not None
    assert as_written(marked) == text


@pytest.mark.parametrize("name", ["", "nowhere/errors.csv", "courses.csv"])
def test_an_errors_file_that_cannot_be_written_is_wrong_use(app: Flask, tmp_path: Path, name: str) -> None:
    path = write_file(tmp_path, course(EDUCATION_LEVEL="9"))
    before = path.read_bytes()

    assert run(app, "check", path, "--errors", tmp_path / name).exit_code == 2
    assert path.read_bytes() == before


def test_a_file_of_another_provider_is_refused_where_its_provider_is_said(app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, *courses(1), course(COURSE_ID="X", PROVIDER_UKPRN="10004112"))

    result = run(app, "load", path, "--ukprn", "10003867")

    assert result.exit_code == 1
    assert result.stderr == (
        f'{path}, row 3, PROVIDER_UKPRN: "10004112" is not 10003867, whose file this is\n'
    )


def test_with_its_provider_said_a_complete_file_withdraws_that_providers_offers_only(
    app: Flask, tmp_path: Path
) -> None:
    ours, theirs = courses(2), [course(COURSE_ID="X", PROVIDER_UKPRN="10004112")]
    run(app, "load", write_file(tmp_path, *ours, *theirs))

    result = run(app, "load", write_file(tmp_path, ours[0]), "--complete", "--yes", "--ukprn", "10003867")

    # then what it names is confirmed by its own provider, as of today
    assert result.stdout == "0 taken, 0 changed, 1 unchanged, 1 withdrawn, 1 confirmed again\n"


def test_before_offers_are_withdrawn_their_number_is_said_and_asked_about(app: Flask, tmp_path: Path) -> None:
    run(app, "load", write_file(tmp_path, *courses(3)))
    path = write_file(tmp_path, *courses(1), name="fewer.csv")
    load = ["offers", "load", str(path), "--complete", "--ukprn", "10003867"]

    no = app.test_cli_runner().invoke(args=load, input="n\n")
    yes = app.test_cli_runner().invoke(args=load, input="y\n")

    assert "This withdraws 2 offers of 1 provider that the file does not name. Go on?" in no.stdout
    assert (no.exit_code, no.stderr) == (1, "Nothing was loaded; the catalogue is as it was.\n")
    assert yes.stdout.endswith("0 taken, 0 changed, 1 unchanged, 2 withdrawn, 1 confirmed again\n")


def test_one_providers_file_does_not_withdraw_what_others_offer(app: Flask, tmp_path: Path) -> None:
    ours, theirs = courses(2), [course(COURSE_ID="X", PROVIDER_UKPRN="10004112")]
    run(app, "load", write_file(tmp_path, *ours, *theirs))
    path = write_file(tmp_path, *ours, name="ours.csv")

    for command in ("check", "load"):
        result = run(app, command, path, "--complete")
        assert result.exit_code == 2
        words = " ".join(result.stderr.split())
        assert "holds courses of 10003867 alone" in words
        assert "would withdraw 1 offer of 1 other provider." in words
        assert "--ukprn 10003867" in words
        assert "--all" in words

    assert run(app, "load", path, "--complete", "--yes", "--all").stdout.startswith(
        "0 taken, 0 changed, 2 unchanged, 1 withdrawn"
    )


@pytest.mark.parametrize("number", ["1", "20000000", "LE1"])
def test_a_number_that_is_no_ukprn_is_wrong_use(app: Flask, tmp_path: Path, number: str) -> None:
    assert run(app, "load", write_file(tmp_path, course()), "--ukprn", number).exit_code == 2
