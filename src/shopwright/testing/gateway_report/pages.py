"""A report as a file to publish: Markdown, HTML with a picture, or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape

from attrs import asdict

from shopwright.testing.gateway_contract.promises import Promise
from shopwright.testing.gateway_report.checks import BROKEN, KEPT, NOT_STAGED, REFUSED, VERDICTS, Check, CheckedGateway, verdict_of

COLORS = {KEPT: "#2e7d32", REFUSED: "#90a4ae", NOT_STAGED: "#f9a825", BROKEN: "#c62828"}
LEGEND = {
    KEPT: "declared, and it works",
    REFUSED: "not declared, and refused",
    NOT_STAGED: "the fake of the provider cannot bring it about, so nobody knows",
    BROKEN: "it does not hold",
}
_ROW, _LEFT, _WIDTH = 22, 330, 380
STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .2rem .6rem; text-align: left; border-bottom: 1px solid #ddd }
svg { max-width: 100% } .number { text-align: right }"""


def written(gateways: Sequence[CheckedGateway], ending: str) -> str:
    """The report in the form that the ending of its file asks for: `.html`, `.md` or `.json`."""
    form: dict[str, Callable[[Sequence[CheckedGateway]], str]] = {".html": as_html, ".md": as_markdown, ".json": as_json}
    return form[ending](gateways)


def as_json(gateways: Sequence[CheckedGateway]) -> str:
    """Everything, for other programs."""
    return json.dumps([asdict(gateway) | {"sums": gateway.sums(gateway.checks)} for gateway in gateways], indent=2, ensure_ascii=False) + "\n"


def as_markdown(gateways: Sequence[CheckedGateway]) -> str:
    """A page for a README or a release."""
    return "\n".join(_markdown_of(gateway) for gateway in gateways)


def _markdown_of(gateway: CheckedGateway) -> str:
    lines = [f"# {gateway.title}", "", gateway.summary + ".", "", *(f"- **{word}**: {LEGEND[word]}" for word in VERDICTS), ""]
    lines += [f"| promise | stands | {' | '.join(VERDICTS)} |  |", f"| --- | --- |{' ---: |' * len(VERDICTS)} --- |"]
    for promise, sums in gateway.rows():
        counts = " | ".join(str(sums[verdict]) for verdict in VERDICTS)
        lines.append(f"| {promise.name}: {promise.title} | {verdict_of(sums)} | {counts} | {_bar(promise, gateway)} |")
    lines += ["", "## What it declares", "", "| | |", "| --- | --- |", *(f"| `{name}` | {value} |" for name, value in gateway.facts)]
    for verdict, head in ((BROKEN, "## What does not hold"), (NOT_STAGED, "## What nobody could try")):
        found = [check for check in gateway.checks if check.verdict == verdict]
        if found:
            lines += ["", head, "", *(f"- GATEWAY-{check.promise}: {_named(check)}" for check in found)]
    return "\n".join([*lines, ""])


def _bar(promise: Promise, gateway: CheckedGateway) -> str:
    signs = {KEPT: "🟩", REFUSED: "⬜", NOT_STAGED: "🟨", BROKEN: "🟥"}
    sums = gateway.sums(check for check in gateway.checks if check.promise == promise.number)
    whole = sum(sums.values()) or 1
    return "".join(signs[verdict] * -(-sums[verdict] * 10 // whole) for verdict in VERDICTS)


def _named(check: Check) -> str:
    case = f" [{check.case}]" if check.case else ""
    why = f": {check.why}" if check.why else ""
    return f"{check.sentence}{case}{why}"


def as_html(gateways: Sequence[CheckedGateway]) -> str:
    """A page of its own, with a picture and every check."""
    head = f'<meta charset="utf-8"><title>Promises of gateways</title><style>{STYLE}</style>'
    parts = [f'<!doctype html><html lang="en"><head>{head}</head><body>']
    for gateway in gateways:
        parts += _html_of(gateway)
    return "\n".join([*parts, "</body></html>", ""])


def _html_of(gateway: CheckedGateway) -> list[str]:
    legend = "".join(f'<li><b style="color:{COLORS[word]}">{word}</b>: {LEGEND[word]}</li>' for word in VERDICTS)
    declared = "".join(f"<tr><td><code>{escape(name)}</code></td><td>{escape(value)}</td></tr>" for name, value in gateway.facts)
    checks = "".join(
        f"<tr><td>GATEWAY-{check.promise}</td><td>{escape(check.sentence)} <small>{escape(check.case)}</small></td>"
        f'<td style="color:{COLORS[check.verdict]}">{check.verdict}</td><td>{escape(check.why)}</td></tr>'
        for check in gateway.checks
    )
    return [
        f"<h1>{escape(gateway.title)}</h1><p>{escape(gateway.summary)}.</p><ul>{legend}</ul>",
        picture(gateway),
        f"<h2>What it declares</h2><table>{declared}</table>",
        f"<h2>Each check</h2><table>{checks}</table>",
    ]


def picture(gateway: CheckedGateway) -> str:
    """The promises as bars, a line each: how many of its checks ended in which way, as SVG."""
    rows = gateway.rows()
    most = max(1, *(sum(sums.values()) for _promise, sums in rows))
    height = _ROW * len(rows) + 10
    box = f'viewBox="0 0 {_LEFT + _WIDTH + 50} {height}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="11" role="img">']
    for line, (promise, sums) in enumerate(rows):
        top, left = line * _ROW + 5, float(_LEFT)
        title = promise.title if len(promise.title) <= 48 else f"{promise.title[:47]}…"
        parts.append(f'<text x="{_LEFT - 8}" y="{top + 13}" text-anchor="end">{promise.number}. {escape(title)}</text>')
        for verdict in VERDICTS:
            width = sums[verdict] * _WIDTH / most
            if width:
                parts.append(f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_ROW - 5}" fill="{COLORS[verdict]}"/>')
            left += width
        parts.append(f'<text x="{left + 6:.1f}" y="{top + 13}">{sum(sums.values()) or "–"}</text>')
    return "\n".join([*parts, "</svg>"])
