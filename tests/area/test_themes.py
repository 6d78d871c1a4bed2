"""The skill themes: what the list promises, and what is refused when it is wrong."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from skillsmatch.area import themes as themes_module
from skillsmatch.area.themes import OTHER_NAMES, ThemeError, load_themes
from skillsmatch.matching import UNCLEAR_BELOW, Labeller

CHECKOUT = Path(__file__).resolve().parents[2]
NATIONAL_SOC = CHECKOUT / "skillsmatch" / "area" / "national" / "soc2020.csv"
SHARED_SOC = CHECKOUT.parent / "shared" / "data" / "soc2020" / "unit_groups.jsonl.gz"
ROUTES = {
    "agriculture",
    "business",
    "care",
    "catering",
    "construction",
    "creative",
    "digital",
    "education",
    "engineering",
    "hair-and-beauty",
    "health-and-science",
    "legal-finance",
    "protective",
    "sales",
    "transport",
}
ACROSS_ALL_ROUTES = {"ITU", "ESS", "LEA", "GRN", "SAF"}


@pytest.fixture(scope="module")
def soc() -> dict[str, str]:
    """SOC 2020 unit groups, code to title."""
    if NATIONAL_SOC.is_file():
        with NATIONAL_SOC.open(encoding="utf-8", newline="") as file:
            return {row["code"]: row["title"] for row in csv.DictReader(file)}
    if SHARED_SOC.is_file():
        with gzip.open(SHARED_SOC, "rt", encoding="utf-8") as file:
            return {row["id"]: row["title"] for row in map(json.loads, file)}
    pytest.skip("neither the national SOC list nor the shared data is here")


def test_there_are_about_120_themes_in_20_groups() -> None:
    loaded = load_themes()

    assert 115 <= len(loaded.themes) <= 130
    assert len(loaded.groups) == 20


def test_each_of_the_15_routes_is_one_group_and_five_groups_cut_across() -> None:
    groups = load_themes().groups.values()

    assert {group.route for group in groups if group.route} == ROUTES
    assert {group.code for group in groups if group.route is None} == ACROSS_ALL_ROUTES


def test_every_group_has_at_least_two_themes_and_each_theme_code_begins_with_its_group() -> None:
    loaded = load_themes()

    for code in loaded.groups:
        assert len(loaded.in_group(code)) >= 2, code
    for theme in loaded.themes.values():
        assert theme.code.startswith(theme.group + "-"), theme.code
        assert len(theme.code) <= 30, "the column that holds it takes 30 characters"


def test_every_theme_has_its_own_name_and_one_short_sentence_about_it() -> None:
    loaded = load_themes().themes.values()

    assert len({theme.name.casefold() for theme in loaded}) == len(loaded)
    assert len({theme.about for theme in loaded}) == len(loaded)
    for theme in loaded:
        assert theme.about.endswith(".") and theme.about.count(". ") == 0, theme.code
        assert len(theme.about.split()) < 25, theme.code


def test_another_name_belongs_to_one_theme_and_is_not_the_name_of_another() -> None:
    loaded = load_themes().themes
    names = {theme.name.casefold(): theme.code for theme in loaded.values()}
    seen: dict[str, str] = {}

    for theme in loaded.values():
        assert OTHER_NAMES[0] <= len(theme.other_names) <= OTHER_NAMES[1], theme.code
        for other in theme.other_names:
            assert other.casefold() not in seen, (
                f"{other} is in {theme.code} and {seen.get(other.casefold())}"
            )
            assert other.casefold() not in names, f"{other} in {theme.code} repeats a name"
            assert len(other.split()) <= 7, f"{other} is a phrase, not a name"
            seen[other.casefold()] = theme.code


def test_every_theme_touches_two_to_eight_real_soc_groups(soc: dict[str, str]) -> None:
    for theme in load_themes().themes.values():
        assert 2 <= len(theme.soc) <= 8, theme.code
        assert len(set(theme.soc)) == len(theme.soc), theme.code
        assert set(theme.soc) <= soc.keys(), f"{theme.code}: {set(theme.soc) - soc.keys()}"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("sparky", "CON-ELEC"),
        ("chippy", "CON-CARP"),
        ("HGV class 2", "TRA-HGV"),
        ("CSCS card", "CON-SITE"),
        ("IPAF", "SAF-HEIGHT"),
        ("PLC", "ENG-AUTO"),
        ("AAT", "FIN-ACCOUNT"),
        ("CIPD", "BUS-HR"),
        ("18th edition", "CON-ELEC"),
        ("COSHH", "SAF-HAZARD"),
        ("SEND", "EDU-SCHOOL"),
        ("Xero", "FIN-BOOKS"),
        ("Makaton", "ESS-SIGN"),
        ("shotfirer", "CON-QUARRY"),
        ("hosiery", "ENG-TEXTILE"),
        ("embalmer", "CAR-FUNERAL"),
        ("T Level placement", "BUS-YOUNG"),
        ("educator CPD", "EDU-CPD"),
    ],
)
def test_trade_slang_tickets_and_local_trades_have_a_home(typed: str, code: str) -> None:
    assert typed in load_themes().themes[code].other_names


def test_the_labeller_is_given_one_document_for_each_theme() -> None:
    loaded = load_themes()

    documents = loaded.documents()

    assert [document.id for document in documents] == list(loaded.themes)
    welding = next(document for document in documents if document.id == "ENG-WELD")
    assert welding.title == "Welding and fabrication"
    assert "MIG welding" in welding.aliases
    assert welding.text == loaded.themes["ENG-WELD"].about


def test_a_soc_group_borrows_the_other_names_of_the_themes_that_list_it_first(soc: dict[str, str]) -> None:
    documents = {document.id: document for document in load_themes().soc_documents(soc)}

    assert list(documents) == list(soc)
    assert documents["5213"].title == soc["5213"]
    assert "TIG welding" in documents["5213"].aliases
    assert "TIG welding" not in documents["5214"].aliases, "pipe fitters are touched by welding, not first"


def test_a_soc_group_further_down_borrows_the_names_that_are_like_its_title(soc: dict[str, str]) -> None:
    documents = {document.id: document for document in load_themes().soc_documents(soc)}

    assert {"Chefs and kitchen skills", "school cook"} <= set(documents["5435"].aliases)
    assert "school cook" in documents["5434"].aliases, "chefs come first in the theme"
    assert "sous chef" not in documents["5435"].aliases


def test_a_skill_of_every_job_lends_its_words_to_no_occupation(soc: dict[str, str]) -> None:
    loaded = load_themes()

    borrowed = {name for document in loaded.soc_documents(soc) for name in document.aliases}

    everyones = [theme for theme in loaded.themes.values() if theme.any_job]
    assert {"ESS-ESOL", "ITU-OFFICE", "SAF-FIRE", "LEA-COACH"} <= {theme.code for theme in everyones}
    for theme in everyones:
        assert borrowed.isdisjoint({theme.name, *theme.other_names}), theme.code


@pytest.fixture(scope="module")
def labeller() -> Labeller:
    return Labeller.fit(load_themes().documents())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("we want two of the lads on their forklift tickets", "TRA-FORK"),
        ("someone to look after the knitting machines", "ENG-TEXTILE"),
        ("ESOL for warehouse operatives", "ESS-ESOL"),
        ("first aid for forklift drivers", "SAF-FIRSTAID"),
        ("the packers' English", "ESS-ESOL"),
        ("English for packers", "ESS-ESOL"),
        ("looking for a joiner", "CON-CARP"),
        ("training for our forklift drivers", "TRA-FORK"),
    ],
)
def test_a_need_in_plain_words_is_coded_to_its_theme(labeller: Labeller, text: str, code: str) -> None:
    coded = load_themes().label(labeller, text)

    assert coded[0][0] == code
    assert coded[0][1] >= UNCLEAR_BELOW


@pytest.mark.parametrize("text", ["", "   ", "for", " for ", "zzqx vvkj"])
def test_a_text_with_nothing_to_go_on_is_not_coded_with_confidence(labeller: Labeller, text: str) -> None:
    coded = load_themes().label(labeller, text)

    assert all(confidence < UNCLEAR_BELOW for _, confidence in coded)


def test_as_many_themes_come_back_as_were_asked_for_best_first(labeller: Labeller) -> None:
    coded = load_themes().label(labeller, "bookkeeping and payroll", limit=2)

    assert len(coded) == 2
    assert coded[0][1] >= coded[1][1]


def test_fire_marshals_are_not_coded_as_firefighters_and_english_lessons_not_as_teachers() -> None:
    loaded = load_themes()

    assert loaded.occupations("SAF-FIRE", [("3313", 0.9), ("8160", 0.2)]) == [("8160", 0.2)]
    assert loaded.occupations("ESS-ESOL", [("2317", 0.8)]) == []


@pytest.mark.parametrize("theme", ["ENG-WELD", "", "GONE-FROM-THE-LIST"])
def test_a_trade_or_an_unclear_theme_rules_no_occupation_out(theme: str) -> None:
    guesses = [("5213", 0.9), ("3313", 0.1)]

    assert load_themes().occupations(theme, guesses) == guesses


def test_a_theme_with_a_soc_code_outside_the_list_is_refused_by_name(soc: dict[str, str]) -> None:
    without_welders = {code: title for code, title in soc.items() if code != "5213"}

    with pytest.raises(ThemeError, match="theme ENG-WELD, soc: 5213 is not a SOC 2020 unit group"):
        load_themes().soc_documents(without_welders)


GROUP = '[[group]]\ncode = "ENG"\nname = "Engineering"\nroute = "engineering"\n'


def theme_row(
    code: str = "ENG-WELD", group: str = "ENG", soc: str = '["5213", "5214"]', names: str = ""
) -> str:
    listed = names or ", ".join(f'"{code} name {n}"' for n in range(10))
    return (
        f'[[theme]]\ncode = "{code}"\nname = "Theme {code}"\ngroup = "{group}"\n'
        f'about = "One sentence."\nsoc = {soc}\nother_names = [{listed}]\n'
    )


def load_text(folder: Path, *parts: str) -> themes_module.Themes:
    path = folder / "themes.toml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return load_themes(path)


def test_another_areas_file_with_two_themes_is_read(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, GROUP, theme_row(), theme_row("ENG-CNC"))

    assert list(loaded.themes) == ["ENG-WELD", "ENG-CNC"]
    assert loaded.groups["ENG"].route == "engineering"
    assert [theme.code for theme in loaded.in_group("ENG")] == ["ENG-WELD", "ENG-CNC"]
    assert loaded.in_group("FARM") == []


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([theme_row(), theme_row()], r"row 2, code: 'ENG-WELD' stands twice"),
        ([theme_row(group="ENGINES")], r"row 1, group: 'ENGINES' is not the code of a \[\[group\]\]"),
        ([theme_row(soc="[]")], r"row 1, soc: is missing"),
        ([theme_row(soc='["521"]')], r"row 1, soc: '521' is not a SOC 2020 unit group"),
        ([theme_row(soc="5213")], r"row 1, soc:"),
        ([theme_row(names='"a", "b"')], r"row 1, other_names: 2 names; 10 to 25 are needed"),
        (
            [theme_row(), theme_row("ENG-CNC", names=", ".join(f'"eng-weld NAME {n}"' for n in range(10)))],
            r"row 2, other_names: 'eng-weld NAME 0' already stands in ENG-WELD",
        ),
        ([theme_row().replace('about = "One sentence."\n', "")], r"row 1, about: is missing"),
        (["[[theme]"], r"cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_with_its_row_and_field(
    tmp_path: Path, rows: list[str], complaint: str
) -> None:
    with pytest.raises(ThemeError, match=complaint):
        load_text(tmp_path, GROUP, *rows)


def test_a_skill_of_every_job_is_marked_true_or_false_and_nothing_else(tmp_path: Path) -> None:
    marked = theme_row().replace("soc =", "any_job = true\nsoc =")
    muddled = theme_row().replace("soc =", 'any_job = "perhaps"\nsoc =')

    assert load_text(tmp_path, GROUP, marked).themes["ENG-WELD"].any_job is True
    load_themes.cache_clear()
    with pytest.raises(ThemeError, match="row 1, any_job: 'perhaps' is neither yes nor no"):
        load_text(tmp_path, GROUP, muddled)


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ThemeError, match=r"themes.toml: cannot be read"):
        load_themes(tmp_path / "themes.toml")


def test_the_list_is_read_once() -> None:
    assert load_themes() is load_themes()
