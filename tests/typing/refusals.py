"""What a type checker knows about a verb that can say no. Checked by `nox -s types`, never run."""

from typing import assert_type

from shopwright.refusals import Fact, Refusal


def discount(code: str) -> int | Refusal:
    """A verb as the library writes them: an answer, or the shop's no."""
    return 5 if code == "WELCOME" else Refusal("coupon_unknown", "there is no such coupon", {"code": code})


answer = discount("WELCOME")
if isinstance(answer, Refusal):
    assert_type(answer, Refusal)
    assert_type(answer.fact("code"), Fact)
    answer.code = "another"  # type: ignore[misc]  # values are frozen
else:
    assert_type(answer, int)
    print(answer.code)  # type: ignore[attr-defined]  # the other branch is the plain answer
