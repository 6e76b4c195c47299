from __future__ import annotations

from importlib.resources import files
from types import SimpleNamespace

import pytest

from afterglow.citations import bibtex, cite, parse_bibtex, reference, references
from afterglow.errors import AfterglowError


def test_every_entry_says_who_what_where_and_whether_it_was_read() -> None:
    assert len(references()) > 200
    for entry in references():
        assert {"author", "title", "note"} <= set(entry.fields), entry.key
        assert entry.fields.get("journal") or entry.fields.get("howpublished"), entry.key
        assert entry.fields["note"].startswith(("read", "recalled")), entry.key
        assert entry.url or not entry.was_read or entry.fields["note"] == "read in a copy of the abstract", entry.key
        assert not entry.url or entry.url.startswith(("http://", "https://")), entry.key
        assert not entry.doi or entry.doi.startswith("10."), entry.key


def test_known_references() -> None:
    brown = reference("brown2017")
    assert brown.doi == "10.1007/s40262-017-0540-6"
    assert brown.fields["year"] == "2017"
    mapp1 = reference("mitchell2021-mapp1").formatted()
    assert mapp1.startswith("Mitchell JM et al. MDMA-assisted therapy for severe PTSD")
    assert mapp1.endswith("Nat Med 2021;27:1025-1033. doi:10.1038/s41591-021-01336-3")


def test_a_retracted_paper_says_so_first() -> None:
    assert reference("jerome2020-ltfu").formatted().startswith("RETRACTED. ")
    assert {entry.key for entry in references() if entry.retracted} == {"jerome2020-ltfu", "mithoefer2019-pooled"}


def test_cite_takes_a_key_keys_or_a_result() -> None:
    one = reference("kamp2020").formatted()
    two = reference("brown2017").formatted()
    assert cite("kamp2020") == [one]
    assert cite(["kamp2020", "brown2017", "kamp2020"]) == [two, one]
    assert cite(SimpleNamespace(citations=("kamp2020",))) == [one]
    assert cite([]) == []


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(AfterglowError, match="did you mean 'brown2017'"):
        reference("brwn2017")
    with pytest.raises(AfterglowError, match=r"listed in references\.bib"):
        cite("zzzzzzzz")


def test_bibtex_comes_back_as_it_went() -> None:
    everything = parse_bibtex(bibtex([entry.key for entry in references()]))
    assert everything == references()


def test_the_file_is_read_whole() -> None:
    text = files("afterglow").joinpath("references.bib").read_text(encoding="utf-8")
    assert sum(line.startswith("@") for line in text.splitlines()) == len(references())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@misc{a,\n  title = {T},\n", "not closed"),
        ("@misc{a,\n}\n@misc{a,\n}\n", "twice"),
        ("@misc{a,\n  title: T\n}\n", "line 2"),
        ("title = {T}\n", "line 1"),
    ],
)
def test_a_broken_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(AfterglowError, match=message):
        parse_bibtex(text)
