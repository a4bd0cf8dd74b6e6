"""Conversion to TimeSpan and DateTime, in the formats of .NET's invariant culture."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.values.dotnet_values import InvalidCastError, cannot_convert
from nestlab.simulator.powershell.values.numbers import text_to_parse

_TICKS_PER_MICROSECOND = 10
_MAX_DAYS, _MAX_DIGITS = 10_675_199, 7
# [d.]hh:mm[:ss[.fffffff]], d:hh:mm:ss[.fffffff], or whole days.
_SPAN = r"(-?)(?:(?:(\d+)[.:])??(\d+):(\d+)(?::(\d+)(?:\.(\d+))?)?|(\d+))"


def to_time_span(value: Value, dotnet_type: str) -> timedelta:
    """Convert to a TimeSpan. Raises InvalidCastError.

    Strings have the form ``d.hh:mm:ss``, or are whole days; numbers are ticks of 100 ns.

    >>> to_time_span("00:01:30", "System.TimeSpan"), to_time_span(10_000_000, "System.TimeSpan")
    (datetime.timedelta(seconds=90), datetime.timedelta(seconds=1))
    """
    if isinstance(value, timedelta):
        return value
    if value is None:
        msg = f'Cannot convert null to type "{dotnet_type}".'
        raise InvalidCastError(msg)
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return timedelta(microseconds=int(value) // _TICKS_PER_MICROSECOND)
    text = text_to_parse(value, dotnet_type)
    match = re.fullmatch(_SPAN, text.strip(), re.ASCII)
    if match is None or (
        match[2]
        and match[5] is None
        and ":" in text.strip().lstrip("-")[len(match[2]) : len(match[2]) + 1]
    ):
        raise cannot_convert(value, dotnet_type, "String was not recognized as a valid TimeSpan.")
    minus, days, hours, minutes, seconds, fraction, only_days = match.groups()
    parts = [int(part or 0) for part in (days or only_days, hours, minutes, seconds)]
    limits = (_MAX_DAYS, 23, 59, 59)
    if (
        any(part > limit for part, limit in zip(parts, limits, strict=True))
        or len(fraction or "") > _MAX_DIGITS
    ):
        error = "The TimeSpan could not be parsed because at least one of the numeric components is out of range or contains too many digits."
        raise cannot_convert(value, dotnet_type, error)
    microseconds = int((fraction or "0").ljust(_MAX_DIGITS, "0")) // _TICKS_PER_MICROSECOND
    span = timedelta(
        days=parts[0], hours=parts[1], minutes=parts[2], seconds=parts[3], microseconds=microseconds
    )
    return -span if minus else span


_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME_OF_DAY = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d+))?)?\s*(?P<meridiem>[ap]m?)?"
    r"\s*(?P<zone>z|gmt|[+-]\d{1,2}:?\d{2})?$"
)
_FULL_YEAR_DIGITS_MINIMUM = 3


def to_date_time(value: Value, dotnet_type: str) -> datetime:
    """Convert to a DateTime; a string with an offset becomes local time, which is UTC here.

    Raises InvalidCastError.

    >>> to_date_time("28 Nov 2026", "System.DateTime")
    datetime.datetime(2026, 11, 28, 0, 0)
    >>> to_date_time("11/28/2026 10:00", "System.DateTime")
    datetime.datetime(2026, 11, 28, 10, 0)
    """
    if isinstance(value, datetime):
        return value
    if value is None:
        msg = f'Cannot convert null to type "{dotnet_type}".'
        raise InvalidCastError(msg)
    if isinstance(value, int) and not isinstance(value, bool):
        return _from_ticks(value, dotnet_type)
    text = text_to_parse(value, dotnet_type)
    unknown = re.search(r"[^\W\d_]{2,}|[^\W\d_]+(?=\d)", text)
    try:
        return _parsed(text)
    except (ValueError, OverflowError):
        error = "String was not recognized as a valid DateTime."
        if unknown is not None and not _is_word(unknown[0]):
            error = f"The string was not recognized as a valid DateTime. There is an unknown word starting at index {unknown.start()}."
        raise cannot_convert(value, dotnet_type, error) from None


def _from_ticks(ticks: int, dotnet_type: str) -> datetime:
    try:
        return datetime(1, 1, 1) + timedelta(microseconds=ticks // _TICKS_PER_MICROSECOND)  # noqa: DTZ001  # ticks have no zone
    except OverflowError:
        error = "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks."
        raise cannot_convert(ticks, dotnet_type, error) from None


def _is_word(word: str) -> bool:
    return word.lower() in {
        "am",
        "pm",
        "a",
        "p",
        "gmt",
        "t",
        "z",
        *(part for name in (*_MONTHS, *_WEEKDAYS) for part in (name, name[:3])),
    }


def _parsed(text: str) -> datetime:
    text = text.strip()
    match = re.search(r"(?:^|(?<=[\sTt]))" + _TIME_OF_DAY, text, re.IGNORECASE | re.ASCII)
    before = (text[: match.start()] if match else text).strip()
    if match and before.endswith(("T", "t")) and before[:-1][-1:].isdigit():
        before = before[:-1]
    day = (
        _day(before)
        if before
        else datetime.now(UTC).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    )
    return day if match is None else _with_time(day, match)


def _with_time(day: datetime, match: re.Match[str]) -> datetime:
    hour, meridiem = int(match["hour"]), (match["meridiem"] or "").lower()
    if meridiem:
        if not 1 <= hour <= 12:  # noqa: PLR2004  # a 12-hour clock
            msg = "no such hour"
            raise ValueError(msg)
        hour = hour % 12 + (12 if meridiem.startswith("p") else 0)
    microsecond = (
        int((match["fraction"] or "0")[:_MAX_DIGITS].ljust(_MAX_DIGITS, "0"))
        // _TICKS_PER_MICROSECOND
    )
    moment = day.replace(
        hour=hour,
        minute=int(match["minute"]),
        second=int(match["second"] or 0),
        microsecond=microsecond,
    )
    zone = (match["zone"] or "").lower()
    if not zone:
        return moment
    return moment.replace(tzinfo=_offset(zone)).astimezone(UTC)


def _offset(zone: str) -> timezone:
    if zone in {"z", "gmt"}:
        return UTC
    digits = zone[1:].replace(":", "").zfill(4)
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if zone[0] == "-" else span)


def _day(text: str) -> datetime:
    """Return a day, in one of three formats.

    Year first, month first as in the invariant culture, or with the name of the month.
    """
    words = [word for word in re.split(r"[\s,/.-]+", text) if word]
    words = [
        word for word in words if not any(word.lower() in {name, name[:3]} for name in _WEEKDAYS)
    ]
    names = [word for word in words if not word.isdigit()]
    numbers = [word for word in words if word.isdigit()]
    if len(names) > 1 or not all(word.isascii() and len(word) <= 4 for word in numbers):  # noqa: PLR2004  # the digits of a year
        msg = "no day"
        raise ValueError(msg)
    month = next(
        (
            number
            for number, name in enumerate(_MONTHS, 1)
            if names and names[0].lower() in {name, name[:3]}
        ),
        0,
    )
    if names:
        return _named_month(month, numbers)
    year_first = bool(numbers) and len(numbers[0]) >= _FULL_YEAR_DIGITS_MINIMUM
    match [int(number) for number in numbers]:
        case [year, month_number, day] if year_first:
            return datetime(year, month_number, day)  # noqa: DTZ001
        case [year, month_number] if year_first:
            return datetime(year, month_number, 1)  # noqa: DTZ001
        case [month_number, day, year]:
            return datetime(_century(year, numbers[2]), month_number, day)  # noqa: DTZ001
        case [month_number, year] if len(numbers[1]) >= _FULL_YEAR_DIGITS_MINIMUM:
            return datetime(year, month_number, 1)  # noqa: DTZ001
        case [month_number, day]:
            return datetime(datetime.now(UTC).year, month_number, day)  # noqa: DTZ001
    msg = "no day"
    raise ValueError(msg)


def _named_month(month: int, numbers: list[str]) -> datetime:
    years = [number for number in numbers if len(number) >= _FULL_YEAR_DIGITS_MINIMUM]
    days = [number for number in numbers if number not in years]
    if len(days) == 2 and not years:  # noqa: PLR2004  # a day and a year of two digits
        years = [days.pop()]
    if not month or len(years) > 1 or len(days) > 1 or not numbers:
        msg = "no day"
        raise ValueError(msg)
    year = _century(int(years[0]), years[0]) if years else datetime.now(UTC).year
    return datetime(year, month, int(days[0]) if days else 1)  # noqa: DTZ001


def _century(year: int, digits: str) -> int:
    # .NET's calendar assigns two-digit years up to 2049 to this century (Calendar.TwoDigitYearMax).
    if len(digits) >= _FULL_YEAR_DIGITS_MINIMUM:
        return year
    return year + (2000 if year < 50 else 1900)  # noqa: PLR2004
