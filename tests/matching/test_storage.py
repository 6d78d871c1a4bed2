"""A saved index is the matcher, or it is refused."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from skillsmatch.matching import Document, IndexUnreadable, Labeller, Matcher, Query
from skillsmatch.matching.encoder import shipped_version
from skillsmatch.matching.storage import ARRAYS, FITTED, MANIFEST

NEEDS = ("TIG welding", "sparky", "hydralics", "speaking English", "nothing of the kind", "")


@pytest.fixture
def saved(matcher: Matcher, tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    matcher.save(folder)
    return folder


@pytest.mark.parametrize("need", NEEDS)
def test_a_loaded_matcher_ranks_exactly_as_the_one_saved(
    matcher: Matcher, saved: Path, today: int, need: str
) -> None:
    query = Query(need, lat=52.6, lon=-1.1, level=2, today=today)
    assert Matcher.load(saved).rank(query) == matcher.rank(query)
    assert Matcher.load(saved).version == matcher.version


def test_changes_since_the_fit_are_saved_too(matcher: Matcher, tmp_path: Path) -> None:
    # given a matcher with one offer changed and one removed
    changed = matcher.updated(
        [Document("new", "Dry stone walling", starts=(739_001,), aliases=("Waller",))], ["fork"]
    )

    # when it is saved, loaded and changed again
    changed.save(tmp_path / "index")
    loaded = Matcher.load(tmp_path / "index")
    again = loaded.updated([Document("newer", "Hedge laying")], [])

    # then nothing is lost
    assert loaded.rank(Query("dry stone walling")) == changed.rank(Query("dry stone walling"))
    assert [m.id for m in again.rank(Query("dry stone walling"), 1)] == ["new"]
    assert [m.id for m in again.rank(Query("hedge laying"), 1)] == ["newer"]
    assert len(again) == len(matcher) + 1


def test_an_empty_matcher_can_be_saved_and_loaded(tmp_path: Path) -> None:
    Matcher.fit([]).save(tmp_path / "index")
    assert Matcher.load(tmp_path / "index").rank(Query("welding")) == []


def test_the_arrays_are_mapped_and_not_read(saved: Path) -> None:
    loaded = Matcher.load(saved)
    weights = loaded.parts[0].segment.signals["body words"].weights
    assert isinstance(weights.base, np.memmap) or isinstance(weights.base.base, np.memmap)
    assert not weights.flags.writeable


def test_saving_over_an_index_replaces_it_and_leaves_no_litter(matcher: Matcher, saved: Path) -> None:
    # given a reader that has the old index open
    old = Matcher.load(saved)

    # when a smaller index takes its place
    Matcher.fit([Document("only", "Beekeeping")]).save(saved)

    # then the old reader goes on, a new one sees the new index, and nothing else lies about
    assert old.rank(Query("TIG welding")) == matcher.rank(Query("TIG welding"))
    assert len(Matcher.load(saved)) == 1
    assert [path.name for path in saved.parent.iterdir()] == ["index"]


def test_a_save_that_fails_leaves_the_old_index(
    matcher: Matcher, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a disk that fills up half-way
    def full(handle: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    # when a save is tried
    with pytest.raises(OSError, match="No space left"):
        Matcher.fit([Document("only", "Beekeeping")]).save(saved)

    # then the old index still stands alone
    monkeypatch.undo()
    assert len(Matcher.load(saved)) == len(matcher)
    assert [path.name for path in saved.parent.iterdir()] == ["index"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexUnreadable, match=r"manifest.json is missing. Build it again"):
        Matcher.load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", [FITTED, ARRAYS])
def test_missing_arrays_are_refused(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(IndexUnreadable, match=f"{name} is missing"):
        Matcher.load(saved)


@pytest.mark.parametrize("name", [FITTED, ARRAYS])
def test_arrays_cut_short_are_refused(saved: Path, name: str) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(content[:-3])
    with pytest.raises(IndexUnreadable, match=f"{name} is cut short"):
        Matcher.load(saved)


@pytest.mark.parametrize("name", [FITTED, ARRAYS])
def test_arrays_of_another_index_are_refused(
    matcher: Matcher, saved: Path, tmp_path: Path, name: str
) -> None:
    # given the arrays of a second index of the same offers, byte for byte as long
    matcher.save(tmp_path / "other")
    (saved / name).write_bytes((tmp_path / "other" / name).read_bytes())

    # then the two do not pass for one
    with pytest.raises(IndexUnreadable, match="does not belong"):
        Matcher.load(saved)


def test_an_array_that_the_manifest_does_not_name_is_refused(saved: Path) -> None:
    told = json.loads((saved / MANIFEST).read_text(encoding="utf-8"))
    del told["files"][FITTED]["arrays"]["0.stems.terms"]
    (saved / MANIFEST).write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(IndexUnreadable, match="do not fit together"):
        Matcher.load(saved)


def test_an_index_with_a_change_shares_the_file_of_what_was_fitted(saved: Path, tmp_path: Path) -> None:
    # given an index with one offer more than the one it was loaded from
    changed = Matcher.load(saved).updated([Document("new", "Dry stone walling")], ["fork"])
    changed.save(tmp_path / "next")

    # then what was fitted is one file with two names, and stays when the first goes
    assert (tmp_path / "next" / FITTED).samefile(saved / FITTED)
    shutil.rmtree(saved)
    loaded = Matcher.load(tmp_path / "next")
    assert loaded.rank(Query("dry stone walling")) == changed.rank(Query("dry stone walling"))
    assert len(loaded) == len(changed)


def test_a_file_that_another_index_has_replaced_is_not_shared(
    matcher: Matcher, saved: Path, tmp_path: Path
) -> None:
    # given a loaded matcher whose folder was since taken by another index, as long to the byte
    loaded = Matcher.load(saved)
    matcher.save(saved)

    # when the loaded one is saved elsewhere
    loaded.updated([Document("new", "Dry stone walling")], []).save(tmp_path / "next")

    # then it has a file of its own, and is whole
    assert not (tmp_path / "next" / FITTED).samefile(saved / FITTED)
    assert [m.id for m in Matcher.load(tmp_path / "next").rank(Query("dry stone walling"), 1)] == ["new"]


def test_where_a_disk_gives_no_second_name_the_file_is_written(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*paths: object) -> None:
        raise OSError("Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    Matcher.load(saved).save(tmp_path / "next")
    assert (tmp_path / "next" / FITTED).stat().st_nlink == 1
    assert len(Matcher.load(tmp_path / "next")) == len(Matcher.load(saved))


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"format": 1}'])
def test_a_damaged_manifest_is_refused(saved: Path, content: str) -> None:
    (saved / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(IndexUnreadable, match="Build it again"):
        Matcher.load(saved)


def test_an_index_of_another_encoder_is_refused_with_both_names(saved: Path) -> None:
    told = json.loads((saved / MANIFEST).read_text(encoding="utf-8"))
    (saved / MANIFEST).write_text(json.dumps({**told, "encoder": "1-before"}), encoding="utf-8")
    with pytest.raises(IndexUnreadable, match=f"of encoder 1-before, not {shipped_version()}"):
        Matcher.load(saved)


def test_another_format_is_refused_with_both_numbers(saved: Path) -> None:
    told = json.loads((saved / MANIFEST).read_text(encoding="utf-8"))
    (saved / MANIFEST).write_text(json.dumps({**told, "format": 99}), encoding="utf-8")
    with pytest.raises(IndexUnreadable, match="format 99 and this version reads format 6"):
        Matcher.load(saved)


def test_the_arrays_of_an_index_are_plain_numbers_and_bytes(saved: Path) -> None:
    told = json.loads((saved / MANIFEST).read_text(encoding="utf-8"))
    kinds = [kind for file in told["files"].values() for kind, _, _ in file["arrays"].values()]
    assert kinds and not any(np.dtype(kind).hasobject for kind in kinds)


def test_a_saved_labeller_labels_as_before(tmp_path: Path) -> None:
    labeller = Labeller.fit([Document("WELD", "Welding", aliases=("TIG",)), Document("BAKE", "Baking")])
    labeller.save(tmp_path / "labels")
    assert Labeller.load(tmp_path / "labels").label("tig welder") == labeller.label("tig welder")
