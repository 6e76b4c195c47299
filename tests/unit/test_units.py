"""Text with a unit to a number inside, and back."""

from __future__ import annotations

import pytest

from afterglow.parameters import PARAMETERS
from afterglow.units import cf_unit, convert, decimal_comma, number_text, read_number, split_amount, units_of


@pytest.mark.parametrize(
    ("number", "unit", "to", "inside"),
    [
        (90, "min", "h", 1.5),
        (1, "week", "h", 168),
        (36, "h", "day", 1.5),
        (90, "Minutes", "day", 0.0625),
        (2, "wks.", "day", None),
        (2, "wk.", "day", 14),
        (1, "g", "mg", 1000),
        (250, "µg", "mg", 0.25),
        (250, "μg", "mg", 0.25),  # the Greek letter, not the micro sign
        (500, "mcg/kg", "mg/kg", 0.5),
        (150, "lb", "kg", 68.0388555),
        (5000, "g", "kg", 5),
    ],
)
def test_units_convert(number: float, unit: str, to: str, inside: float | None) -> None:
    if inside is None:
        with pytest.raises(ValueError, match="is not a unit of a time"):
            convert(number, unit, to, what="a time")
    else:
        assert convert(number, unit, to, what="it") == pytest.approx(inside, rel=1e-15)


def test_a_month_is_no_unit() -> None:
    with pytest.raises(ValueError, match="cannot be in months, which differ in length; write days or weeks"):
        convert(2, "months", "day", what="a day")


def test_a_unit_of_something_else_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match="'ml' is not a unit of a dose: expected one of: g, mg, µg"):
        convert(2, "ml", "mg", what="a dose")
    with pytest.raises(ValueError, match="must be a finite number"):
        convert(1e308, "g", "mg", what="a dose")


def test_an_amount_is_split_from_its_unit() -> None:
    assert split_amount(" 25 mg ") == (25.0, "mg")
    assert split_amount("−1.5e1  mg / kg") == (-15.0, "mg / kg")
    assert split_amount(".5") == (0.5, "")
    assert split_amount("mg 25") is None


def test_numbers_are_written_so_that_they_are_read_again() -> None:
    assert [number_text(value) for value in (28.0, -3.0, 0.1, 1e15, 2.5e-7)] == [
        "28",
        "-3",
        "0.1",
        repr(1e15),
        "2.5e-07",
    ]
    for value in (1 / 3, 1e22, -0.07):
        assert float(number_text(value)) == value


def test_every_spelling_converts() -> None:
    for unit in ("h", "day", "mg", "mg/kg", "kg"):
        assert unit in units_of(unit)
        assert all(convert(1, spelling, unit, what="it") > 0 for spelling in units_of(unit))
        assert convert(1, unit, unit, what="it") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,025", "'0,025' has a decimal comma; write 0.025"),
        ("−2,5 mg", "'−2,5' has a decimal comma; write -2.5"),
        (",5", "',5' has a decimal comma; write 0.5"),
        ("day 1.234,5", "'1.234,5' has a decimal comma; write 1234.5"),
        ("1,250", "'1,250' has a comma; write 1.250, or 1250 if it divides thousands"),
        ("1,234.5", "'1,234.5' has a comma; write one number with a point before its decimals"),
        ("0, 5", ""),
        ("2.5", ""),
    ],
)
def test_a_decimal_comma_is_told_with_the_number_that_is_meant(text: str, said: str) -> None:
    assert decimal_comma(text).startswith(said)
    assert bool(decimal_comma(text)) == bool(said)
    if said:
        with pytest.raises(ValueError, match="comma"):
            split_amount(text)


def test_a_number_is_read_in_one_way() -> None:
    assert [read_number(text, "it") for text in (" 1.5", "−2", "+.5", "3.5000E+01")] == [1.5, -2.0, 0.5, 35.0]
    for text in ("", "x", "1_000", "0x10", "nan", "inf", "٣", "1 2", "35mg"):
        with pytest.raises(ValueError, match="it must be a number, got"):
            read_number(text, "it")
    with pytest.raises(ValueError, match="it must be a finite number"):
        read_number("1e400", "it")
    with pytest.raises(ValueError, match=r"it must be a number, but '0,5' has a decimal comma; write 0\.5"):
        read_number("0,5", "it")


def test_every_constant_has_a_unit_that_files_can_say() -> None:
    said = {cf_unit(parameter.unit) for parameter in PARAMETERS.values()}
    assert said == {"1", "1/h", "1/day", "1/year", "1/(h/day)", "days", "days/h", "h", "L", "L/h", "ng/mL"}
