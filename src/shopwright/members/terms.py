"""What a shop has decided about its members."""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import of, text
from shopwright.members.codes import CodeRules


@frozen(kw_only=True)
class MemberTerms:
    """How contacts are verified, and the country (ISO 3166-1 alpha-2) whose phone numbers are written without a prefix."""

    codes: CodeRules = field(factory=CodeRules, validator=of(CodeRules))
    phone_region: str = field(default="", validator=text(most=2))
