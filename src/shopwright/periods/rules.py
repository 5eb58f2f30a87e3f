"""The text of a recurrence rule, RFC 5545: `FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231`, read into a value that is checked whole.

Rules
- a rule comes again by the hour at most: `SECONDLY` and `MINUTELY` are refused, and so are more than 288 starts a day;
- a part that the RFC forbids beside another is refused, and never read in a way that somebody might have meant;
- `COUNT` and `INTERVAL` are at most 10,000, `COUNT` and `UNTIL` exclude each other;
- `UNTIL` as a day takes that whole day in; as a time it is one on the wall, and with a `Z` an instant; all of them inclusive;
- `BYWEEKNO` needs `BYDAY`: implementations differ in which days of the week are meant without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from reprlib import repr as shown

from attrs import frozen

from shopwright.errors import InvalidValue

LONGEST_RULE = 500
"""The longest text of a rule, in characters."""
MOST_STARTS_A_DAY = 288
"""How often a rule may come on one day: every five minutes."""
MOST_TIMES = 10_000
"""The largest `COUNT` and `INTERVAL`."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Part: the smallest and the largest number, and whether it may count from the end.
_RANGES = {
    "BYMONTH": (1, 12, False),
    "BYWEEKNO": (1, 53, True),
    "BYYEARDAY": (1, 366, True),
    "BYMONTHDAY": (1, 31, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
    "BYSETPOS": (1, 366, True),
}
_PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", *_RANGES)
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}", flags=re.ASCII)
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", flags=re.ASCII)
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?", flags=re.ASCII)


class Frequency(IntEnum):
    """How long one interval of a rule is, from short to long."""

    HOURLY = 1
    DAILY = 2
    WEEKLY = 3
    MONTHLY = 4
    YEARLY = 5


# What the RFC forbids: these parts have no meaning in rules of these frequencies.
_FORBIDDEN = {
    "BYWEEKNO": frozenset({Frequency.HOURLY, Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY}),
    "BYYEARDAY": frozenset({Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY}),
    "BYMONTHDAY": frozenset({Frequency.WEEKLY}),
}


@frozen(cache_hash=True)
class Rule:
    """A rule as its text says it; numbers below zero count from the end, empty sets leave it to the first time.

    `weekdays` are pairs of a weekday (0 is Monday) and its number in the month or year, 0 for every one. `until` is a time on the wall,
    `until_instant` the same as an instant in UTC; at most one of them and `count` is given. `text` is the one form of the rule's text.
    """

    text: str
    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    until_instant: datetime | None = None
    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    hours: frozenset[int] = frozenset()
    minutes: frozenset[int] = frozenset()
    seconds: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()
    week_start: int = 0


def parse_rule(text: object) -> Rule:
    """The rule of this text, in any case, with `RRULE:` before it or without.

    Raises `InvalidValue` that names the part, says what it was and what is allowed.
    """
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_RULE:
        raise InvalidValue(f"expected a rule such as 'FREQ=WEEKLY;BYDAY=FR' of 1 to {LONGEST_RULE} characters, got {shown(text)}")
    return _read(text)


@lru_cache(maxsize=1024)
def _read(text: str) -> Rule:
    parts = _parts(text)
    frequency = _frequency(parts.get("FREQ"))
    numbers = {part: _numbers(part, parts[part]) for part in _RANGES if part in parts}
    until, until_instant = _until(parts.get("UNTIL"))
    rule = Rule(
        text=";".join(f"{part}={parts[part]}" for part in _PARTS if part in parts),
        frequency=frequency,
        interval=_count("INTERVAL", parts.get("INTERVAL", "1")),
        count=_count("COUNT", parts["COUNT"]) if "COUNT" in parts else None,
        until=until,
        until_instant=until_instant,
        months=numbers.get("BYMONTH", frozenset()),
        weeks=numbers.get("BYWEEKNO", frozenset()),
        year_days=numbers.get("BYYEARDAY", frozenset()),
        month_days=numbers.get("BYMONTHDAY", frozenset()),
        weekdays=_weekdays(parts["BYDAY"]) if "BYDAY" in parts else frozenset(),
        hours=numbers.get("BYHOUR", frozenset()),
        minutes=numbers.get("BYMINUTE", frozenset()),
        seconds=numbers.get("BYSECOND", frozenset()),
        positions=numbers.get("BYSETPOS", frozenset()),
        week_start=_weekday("WKST", parts.get("WKST", "MO")),
    )
    _check_together(rule, parts)
    return rule


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for item in text.strip().upper().removeprefix("RRULE:").removesuffix(";").split(";"):
        name, equals, value = (each.strip() for each in item.partition("="))
        if name not in _PARTS:
            raise InvalidValue(f"unknown part {shown(name)} in a rule; allowed: {', '.join(_PARTS)}")
        if not equals or not value:
            raise InvalidValue(f"expected {name}=... in a rule, got {shown(item)}; give it a value or leave it out")
        if name in parts:
            raise InvalidValue(f"{name} comes twice in a rule; write its values as one list, such as {name}={parts[name]},{value}")
        parts[name] = value
    return parts


def _frequency(text: str | None) -> Frequency:
    if text is not None and text in Frequency.__members__:
        return Frequency[text]
    allowed = ", ".join(each.name for each in Frequency)
    if text in {"SECONDLY", "MINUTELY"}:
        raise InvalidValue(f"FREQ={text} is too often for a rule; allowed: {allowed}; BYMINUTE and BYSECOND name times inside an hour")
    raise InvalidValue(f"expected FREQ to be one of {allowed}, got {shown(text) if text else 'none'}")


def _count(part: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text, flags=re.ASCII) or not 1 <= int(text) <= MOST_TIMES:
        raise InvalidValue(f"expected {part} to be a number from 1 to {MOST_TIMES}, got {shown(text)}")
    return int(text)


def _numbers(part: str, text: str) -> frozenset[int]:
    least, most, from_end = _RANGES[part]
    found = []
    for item in text.split(","):
        number = int(item) if _NUMBER.fullmatch(item) else None
        if number is None or not (least <= number <= most or (from_end and least <= -number <= most)):
            allowed = f"{least} to {most}" + (f" and -{most} to -{least}" if from_end else "")
            raise InvalidValue(f"expected {part} to be numbers with commas between, {allowed}, got {shown(item)}")
        found.append(number)
    return frozenset(found)


def _weekday(part: str, text: str) -> int:
    if text not in _WEEKDAYS:
        raise InvalidValue(f"expected {part} to be one of {', '.join(_WEEKDAYS)}, got {shown(text)}")
    return _WEEKDAYS.index(text)


def _weekdays(text: str) -> frozenset[tuple[int, int]]:
    found = []
    for item in text.split(","):
        match = _DAY.fullmatch(item)
        number = int(match[1] or 0) if match else 0
        if match is None or abs(number) > 53 or (match[1] and not number):
            days = ", ".join(_WEEKDAYS)
            raise InvalidValue(f"expected BYDAY to be days out of {days}, each with its number before it or none (2TU, -1FR), got {shown(item)}")
        found.append((_WEEKDAYS.index(match[2]), number))
    return frozenset(found)


def _until(text: str | None) -> tuple[datetime | None, datetime | None]:
    """The last time on the wall, or the last instant."""
    if text is None:
        return None, None
    if _UNTIL.fullmatch(text):
        try:
            until = datetime.fromisoformat(text.removesuffix("Z"))
        except ValueError:
            until = None
        if until is not None and text.endswith("Z"):
            return None, until.replace(tzinfo=UTC)
        if until is not None:
            return (until if "T" in text else until + timedelta(days=1, microseconds=-1)), None
    raise InvalidValue(f"expected UNTIL to be a day (20261231), a time on the wall (20261231T180000) or in UTC (20261231T180000Z), got {shown(text)}")


def _check_together(rule: Rule, parts: Mapping[str, str]) -> None:
    """Refuse parts that have no meaning beside one another."""
    name = rule.frequency.name
    for part, frequencies in _FORBIDDEN.items():
        if part in parts and rule.frequency in frequencies:
            allowed = ", ".join(each.name for each in Frequency if each not in frequencies)
            raise InvalidValue(f"{part} has no meaning with FREQ={name}; allowed with: {allowed}")
    numbered = any(number for _, number in rule.weekdays)
    if numbered and (rule.frequency < Frequency.MONTHLY or rule.weeks):
        beside = "BYWEEKNO" if rule.weeks else f"FREQ={name}"
        allowed = "FREQ=MONTHLY and FREQ=YEARLY, without BYWEEKNO"
        raise InvalidValue(f"numbered days in BYDAY have no meaning with {beside}, got {parts['BYDAY']}; allowed with {allowed}")
    if rule.weeks and not rule.weekdays:
        raise InvalidValue("BYWEEKNO needs BYDAY, which says which days of these weeks are meant; add BYDAY=MO, or all seven")
    if "COUNT" in parts and "UNTIL" in parts:
        raise InvalidValue("COUNT and UNTIL exclude each other in a rule; leave one of them out")
    if rule.positions and not any(part.startswith("BY") and part != "BYSETPOS" for part in parts):
        raise InvalidValue("BYSETPOS picks out of what another part lists; add one, such as BYDAY, or leave BYSETPOS out")
    starts = (len(rule.hours) or (24 if rule.frequency is Frequency.HOURLY else 1)) * (len(rule.minutes) or 1) * (len(rule.seconds) or 1)
    if starts > MOST_STARTS_A_DAY:
        raise InvalidValue(f"a rule may start {MOST_STARTS_A_DAY} times a day at most, got {starts} by BYHOUR, BYMINUTE and BYSECOND; list fewer")
