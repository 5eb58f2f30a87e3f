"""The promises of the gateway port as a page: each is written once, in `shopwright.testing.gateway_contract.promises`.

`python -m tests.docs.promises` writes them to `docs/reference/gateway-promises.md`.
"""

from __future__ import annotations

from shopwright.testing.gateway_contract.kit import GatewayContract
from shopwright.testing.gateway_contract.promises import PAGE as NAME
from shopwright.testing.gateway_contract.promises import PROMISES, Promise
from tests.surroundings import ROOT

PAGE = ROOT / NAME
COMMAND = "python -m tests.docs.promises"
HEAD = f"""\
# Promises of a gateway

Each test of `shopwright.testing.GatewayContract` stands for one of these promises, and one that fails names it. `--gateway-report` tells how a
gateway stands by promise; [](../how-to/write-a-gateway.md) tells how. This page is made from the kit, by `{COMMAND}`.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_part(promise) for promise in PROMISES.values())


def _part(promise: Promise) -> str:
    sentences = [name.removeprefix("test_").replace("_", " ") for name in checks_of(promise.number)]
    checks = "".join(f"- {sentence}\n" for sentence in sentences or ["none: these are tests of your own"])
    return f"\n## {promise.name}\n\n**{promise.title[0].upper()}{promise.title[1:]}.** {promise.says}\n\nLook at {promise.look}.\n\n{checks}"


def checks_of(number: int) -> list[str]:
    """The tests of the kit that stand for this promise."""
    return [name for name in sorted(dir(GatewayContract)) if getattr(getattr(GatewayContract, name), "gateway_promise", None) == number]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(PROMISES)} promises")
