"""The desk of a shop: which of the codes that were typed are good, and that nobody finds one by trying."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.promotions.basket import Basket, BasketLine
from shopwright.promotions.code_attempts import Attempts
from shopwright.promotions.code_batches import CodeBatch, code_at, following
from shopwright.promotions.code_books import CodeBook, IssuedCode
from shopwright.promotions.code_desks import CodeDesk, Entered, OpenDesk, for_holders
from shopwright.promotions.codes import CodePattern
from shopwright.promotions.conditions import All, AnyOf, CartTotal, Code, Issued, Not
from shopwright.promotions.effects import Percent
from shopwright.promotions.engine import Engine
from shopwright.promotions.promotion import Promotion, PromotionState
from shopwright.promotions.reads import reads_of
from shopwright.refusals import Refusal

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TEN = Promotion(id="ten", effects=(Percent(1_000),))
WORD = Promotion(id="word", effects=(Percent(500),), when=All((CartTotal(Money(100, "EUR")), AnyOf((Code("SPRING"), Code("SUMMER"))))))
PLAIN = Promotion(id="plain", effects=(Percent(100),))
BATCH = CodeBatch(id="b1", pattern=CodePattern(prefix="TEN"), count=10, key=bytes(range(32)), promotion="ten")
ANNS = CodeBatch(id="b2", pattern=CodePattern(prefix="MY"), count=1, key=bytes(range(32)), promotion="ten", members=("ann",))
BOOK = CodeBook((BATCH, ANNS))
GOOD, HERS = code_at(BATCH, 0), code_at(ANNS, 0)
NEVER = code_at(following(BATCH, id="b3", count=1), 0)


class Strict:
    """A limiter that notes whom it was asked about, in memory."""

    def __init__(self, limit: int = 3) -> None:
        self.limit, self.attempts, self.asked = limit, {}, []

    def allow(self, subject: str, *, at: datetime) -> bool:
        self.asked.append(subject)
        return self.attempts.get(subject, Attempts(limit=self.limit)).allows(at)

    def failed(self, subject: str, *, at: datetime) -> None:
        self.attempts[subject] = self.attempts.get(subject, Attempts(limit=self.limit)).after(at)

    def failures(self, subject: str) -> int:
        return len(self.attempts[subject].failures) if subject in self.attempts else 0


def a_desk(limiter: Strict | None = None, *, promotions: tuple[Promotion, ...] = (TEN, WORD, PLAIN), book: CodeBook = BOOK) -> OpenDesk:
    return OpenDesk(CodeDesk(book, limiter), promotions)


def told(*codes: str, desk: OpenDesk | None = None, member: str = "bob", at: datetime = NOW) -> Entered:
    return (desk or a_desk()).ask(codes, subject="customer/bob", member=member, at=at)


def reasons(entered: Entered) -> list[tuple[str, str]]:
    return [(code, no.code) for code, no in entered.refused]


def a_basket(*codes: str) -> Basket:
    return Basket("EUR", (BasketLine("TEA", 1, 1_000),), NOW, codes=frozenset(codes))


def test_words_and_issued_codes_are_told_apart_and_each_that_is_not_good_has_its_reason() -> None:
    mistyped = GOOD[:-1] + ("2" if GOOD[-1] != "2" else "3")

    entered = told("SPRING", GOOD, HERS, NEVER, mistyped, "WINTER")

    assert (entered.words, entered.issued) == (frozenset({"SPRING"}), (IssuedCode(GOOD, BATCH, 0),))
    assert dict(reasons(entered)) == {
        HERS: "coupon_not_yours",
        NEVER: "coupon_unknown",
        mistyped: "coupon_mistyped",
        "WINTER": "coupon_unknown",
    }
    assert told(HERS, member="ann").issued == (IssuedCode(HERS, ANNS, 0),)


def test_a_code_is_the_same_however_it_is_typed_and_claims_once() -> None:
    entered = told(BATCH.pattern.write(GOOD), GOOD)

    assert (entered.issued, entered.names) == ((IssuedCode(GOOD, BATCH, 0),), frozenset({"issued:ten"}))


def test_the_order_of_the_codes_changes_nothing() -> None:
    codes = ("SPRING", GOOD, HERS, NEVER)

    assert {told(*some) for some in permutations(codes)} == {told(*codes)}


@pytest.mark.parametrize(
    ("change", "code", "fact"),
    [
        ({"starts": NOW + DAY}, "coupon_not_started", ("starts", "2026-05-02T00:00:00+00:00")),
        ({"ends": NOW}, "coupon_expired", ("ends", "2026-05-01T00:00:00+00:00")),
        ({"state": PromotionState.ARCHIVED}, "coupon_unknown", None),
    ],
)
def test_a_code_whose_promotion_is_not_in_force_is_told_by_its_times(change, code, fact) -> None:
    desk = a_desk(promotions=(evolve(TEN, **change), evolve(WORD, **change)))

    refused = told("SPRING", GOOD, desk=desk).refused

    assert [(typed, no.code) for typed, no in refused] == [("SPRING", code), (GOOD, code)]
    assert all(fact is None or fact in no.facts for _, no in refused)


def test_a_word_of_two_promotions_is_good_while_one_of_them_is_in_force() -> None:
    over, coming = evolve(WORD, id="over", ends=NOW), evolve(WORD, id="coming", starts=NOW + DAY)

    assert told("SPRING", desk=a_desk(promotions=(TEN, over, WORD))).words == {"SPRING"}
    assert reasons(told("SPRING", desk=a_desk(promotions=(TEN, over, coming)))) == [("SPRING", "coupon_not_started")]


def test_a_batch_begins_and_ends_at_a_moment() -> None:
    desk = a_desk(book=CodeBook((evolve(BATCH, starts=NOW, expires=NOW + DAY),)))

    moments = (NOW - timedelta(microseconds=1), NOW, NOW + DAY - timedelta(microseconds=1), NOW + DAY)
    assert [[no.code for _, no in told(GOOD, desk=desk, at=at).refused] for at in moments] == [["coupon_not_started"], [], [], ["coupon_expired"]]
    with pytest.raises(InvalidValue, match="batch b1 must expire after it starts"):
        evolve(BATCH, starts=NOW, expires=NOW)


def test_who_is_out_of_attempts_gets_one_answer_for_every_code() -> None:
    limiter = Strict(limit=2)
    desk = a_desk(limiter)
    told(NEVER, "WINTER", desk=desk)

    entered = told(GOOD, HERS, NEVER, "SPRING", "WINTER", "?", desk=desk)

    assert {no for _, no in entered.refused} == {Refusal("coupon_attempts", "too many wrong codes were entered; try again later")}
    assert (len(entered.refused), entered.names, limiter.failures("customer/bob")) == (6, frozenset(), 2)
    assert told(GOOD, desk=desk, at=NOW + timedelta(hours=1)).issued == (IssuedCode(GOOD, BATCH, 0),)


def test_within_one_cart_guesses_end_with_the_attempts() -> None:
    limiter = Strict(limit=3)

    entered = told(*[f"WORD{number}" for number in range(100)], desk=a_desk(limiter))

    assert [no.code for _, no in entered.refused] == ["coupon_unknown"] * 3 + ["coupon_attempts"] * 97
    assert limiter.failures("customer/bob") == 3


@pytest.mark.parametrize(
    ("typed", "counts"),
    [
        (NEVER, True),
        (HERS, True),
        ("WINTER", True),
        ("TENSPRING", True),
        (GOOD[:-1] + "0", False),
        (GOOD[:-1] + ("2" if GOOD[-1] != "2" else "3"), False),
        (GOOD, False),
        ("SPRING", False),
    ],
)
def test_what_could_have_been_a_guess_counts_and_a_wrong_letter_does_not(typed, counts) -> None:
    limiter = Strict()

    told(typed, desk=a_desk(limiter))

    assert limiter.failures("customer/bob") == counts


def test_where_promotions_ask_for_no_words_a_typing_mistake_is_told_as_one() -> None:
    limiter = Strict()
    desk = a_desk(limiter, promotions=(TEN, PLAIN))

    assert [no.fact("reason") for _, no in told("WINTER", GOOD[:-1], desk=desk).refused] == ["length", "prefix"]
    assert limiter.failures("customer/bob") == 0


def test_what_cannot_have_been_meant_for_an_issued_code_is_unknown_and_not_mistyped() -> None:
    bare = CodeBook((evolve(BATCH, pattern=CodePattern()),))

    assert reasons(told("WINTER", "TENTEN", desk=a_desk())) == [("TENTEN", "coupon_mistyped"), ("WINTER", "coupon_unknown")]
    assert reasons(told("WINTER", desk=a_desk(book=bare))) == [("WINTER", "coupon_unknown")]


def test_a_desk_without_batches_knows_words_alone() -> None:
    entered = told("SPRING", "WINTER", desk=a_desk(book=CodeBook(())))

    assert (entered.words, entered.refused) == (
        {"SPRING"},
        (("WINTER", Refusal("coupon_unknown", "coupon WINTER is not known", {"coupon": "WINTER"})),),
    )


def test_a_promotion_of_the_book_is_for_holders_alone_and_the_others_stay_as_they_are() -> None:
    promotions = for_holders((TEN, WORD, PLAIN), BOOK)
    engine = Engine(promotions)

    taken = [[it.promotion.id for it in engine.evaluate(a_basket(*codes)).applied] for codes in ((), (GOOD,), ("ISSUED:TEN",), ("issued:ten",))]

    assert promotions[1:] == (WORD, PLAIN)
    assert taken == [["plain"], ["plain"], ["plain"], ["plain", "ten"]]
    (skipped,) = [skip for skip in engine.why_not(a_basket("SPRING")) if skip.promotion.id == "ten"]
    assert (skipped.reason, skipped.unmet.condition, skipped.unmet.path) == ("condition", "code", (0,))


def test_the_condition_of_an_issued_code_reads_the_codes_and_can_be_denied() -> None:
    engine = Engine((evolve(TEN, when=Not(Issued("ten"))),))

    assert reads_of(Issued("ten")) == {"code"}
    assert [bool(engine.evaluate(a_basket(*codes)).applied) for codes in ((), ("issued:ten",))] == [True, False]


def test_a_desk_wants_the_promotions_that_its_codes_claim() -> None:
    with pytest.raises(InvalidValue, match="none named ten; this shop has plain"):
        a_desk(promotions=(PLAIN,))
    with pytest.raises(InvalidValue, match=r"CodeDesk.limiter must have allow and failed, as AttemptLimiter, got str"):
        CodeDesk(BOOK, "strict")  # type: ignore[arg-type]  # a limiter by its name
