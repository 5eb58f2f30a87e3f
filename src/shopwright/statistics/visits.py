"""Visits: what a host tells of who looks around in its shop, step by step, and how steps become visits that are counted.

Rules
- VISIT-1: the steps of a visitor in a channel are one visit until none comes for the window of the rules (30 minutes); a visit counts on the day of
  its first step, and midnight does not end it;
- VISIT-2: a visit counts once however many steps it has, and once among the visits that came to a product, a cart or a checkout, whichever it came
  to;
- VISIT-3: a visitor counts once a day in a channel, with the first visit of that day;
- VISIT-4: a step whose agent holds a word of the rules, in whatever case, is a bot's: it is counted as such and begins no visit; a step that names no
  agent is a person's;
- VISIT-5: a visit with more steps within some seconds than the rules allow is a bot's: what it counted is taken back, and it counts as a bot's;
- VISIT-6: steps count in the order in which they are told. One that is told late belongs to the visit that is open if it is within a window of its
  beginning, and counts as late, and as nothing else, if it is older.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from shopwright.edges import aware, identifier, of, text, texts, whole
from shopwright.errors import InvalidValue
from shopwright.periods import day_of
from shopwright.statistics.counting import Added, Place
from shopwright.statistics.tallies import NOTHING, Tally

BOT_WORDS = (
    "bot", "crawler", "spider", "slurp", "curl/", "wget/", "python-requests", "python-urllib", "httpx/", "aiohttp", "go-http-client",
    "java/", "libwww", "headless", "phantomjs", "lighthouse", "facebookexternalhit", "monitor", "preview", "scrapy", "feedfetcher",
)  # fmt: skip
"""What the agents of programs say of themselves, in small letters."""


class Step(StrEnum):
    """How far somebody comes: any page, a product, something put into the cart, the checkout."""

    VISIT = "visit"
    PRODUCT = "product"
    CART = "cart"
    CHECKOUT = "checkout"


def _lengths(instance: Any, attribute: Any, value: Any) -> None:
    of(timedelta)(instance, attribute, value)
    if not timedelta(seconds=1) <= value <= timedelta(days=1):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be from a second to a day, got {value}")


def _small(words: Any) -> Any:
    """The words in small letters; what is none is left for the validator."""
    return tuple([word.casefold() if isinstance(word, str) else word for word in words]) if isinstance(words, tuple) else words


@frozen(kw_only=True)
class VisitRules:
    """What makes a visit and what makes a bot; add to `BOT_WORDS` what your shop knows better: `VisitRules(bot_words=(*BOT_WORDS, "acme-probe"))`.

    A visit is a bot's that has more than `most_steps` within the time of `within`.
    """

    window: timedelta = field(default=timedelta(minutes=30), validator=_lengths)
    bot_words: tuple[str, ...] = field(default=BOT_WORDS, converter=_small, validator=texts(least=1))
    most_steps: int = field(default=20, validator=whole(least=1, most=100))
    within: timedelta = field(default=timedelta(seconds=10), validator=_lengths)

    def is_bot(self, agent: str) -> bool:
        """Whether an agent says that it is no person (VISIT-4)."""
        told = agent.casefold()
        return any(word in told for word in self.bot_words)


@frozen(kw_only=True)
class VisitStep:
    """One step as a host tells it.

    `visitor` is a name of the host for whoever it is, such as the content of a cookie of its own: never an address, a number or a name of a person.
    `agent` is what the `User-Agent` header said; it is looked at and not kept.
    """

    visitor: str = field(validator=identifier(most=200))
    at: datetime = field(validator=aware)
    channel: str = field(default="", validator=text())
    step: Step = field(default=Step.VISIT, validator=of(Step))
    agent: str = field(default="", validator=text(most=2_000), repr=False)


@frozen(kw_only=True)
class StepSeen:
    """Somebody came so far; `visitor` is what the shop knows them by, a keyed hash where it has a vault."""

    visitor: str
    at: datetime = field(validator=aware)
    channel: str = ""
    step: Step = Step.VISIT
    is_bot: bool = False


@frozen(kw_only=True)
class VisitorSeen:
    """What is kept of a visitor in a channel: the visit that is open, and on which day they counted last.

    `recent` are the times of the last steps; `counted` is what the visit has counted so far;
    `visitor_day_before` is the day on which they had counted before this visit.
    """

    visitor: str
    channel: str
    day: date
    began_at: datetime
    last_at: datetime
    recent: tuple[datetime, ...] = ()
    counted: Tally = NOTHING
    is_bot: bool = False
    visitor_day: date | None = None
    visitor_day_before: date | None = None


def see(known: VisitorSeen | None, step: StepSeen, rules: VisitRules, zone: str) -> tuple[VisitorSeen | None, tuple[Added, ...]]:
    """What is known of a visitor after a step, and what is to be added."""
    if step.is_bot:
        return known, (Added(Place(day_of(step.at, zone), "", step.channel), Tally(bot_steps=1)),)
    if known is not None and step.at < known.began_at - rules.window:
        return known, (Added(Place(day_of(step.at, zone), "", step.channel), Tally(late_steps=1)),)
    visit = known if known is not None and step.at <= known.last_at + rules.window else _begun(known, step, zone)
    recent = (*visit.recent, step.at)[-(rules.most_steps + 1) :]
    is_bot = visit.is_bot or (len(recent) > rules.most_steps and max(recent) - min(recent) <= rules.within)
    after = evolve(
        visit,
        last_at=max(visit.last_at, step.at),
        recent=recent,
        is_bot=is_bot,
        visitor_day=visit.visitor_day_before if is_bot else visit.visitor_day,
        counted=Tally(bot_visits=1) if is_bot else _counted(visit, step),
    )
    was = NOTHING if visit is not known else visit.counted
    change = after.counted.minus(was)
    return after, (Added(Place(visit.day, "", step.channel), change),) if change != NOTHING else ()


def _begun(known: VisitorSeen | None, step: StepSeen, zone: str) -> VisitorSeen:
    """A visit that begins with this step."""
    day = day_of(step.at, zone)
    before = None if known is None else known.visitor_day
    return VisitorSeen(
        visitor=step.visitor,
        channel=step.channel,
        day=day,
        began_at=step.at,
        last_at=step.at,
        counted=Tally(visits=1, visitors=int(before != day)),
        visitor_day=day,
        visitor_day_before=before,
    )


def _counted(visit: VisitorSeen, step: StepSeen) -> Tally:
    """What a person's visit has counted with one step more (VISIT-2)."""
    match step.step:
        case Step.PRODUCT:
            return evolve(visit.counted, product_visits=1)
        case Step.CART:
            return evolve(visit.counted, cart_visits=1)
        case Step.CHECKOUT:
            return evolve(visit.counted, checkout_visits=1)
        case Step.VISIT:
            return visit.counted
