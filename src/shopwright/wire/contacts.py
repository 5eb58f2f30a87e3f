"""E-mail addresses and phone numbers as somebody writes them, to the one form that is kept: the only home of `email-validator` and `phonenumbers`.

Rules
- an address is read by its syntax alone: nobody is asked over a network whether it exists;
- an e-mail address is looked up whatever its case, though it is kept and written to as it was typed: nobody has `Ann@` beside `ann@`;
- a phone number is kept as E.164; one without a country prefix is read in the region of the shop, where it has one;
- a refusal never repeats what was typed, nor what a library said of it.

Both need the extra `members`.
"""

from __future__ import annotations

from attrs import field, frozen

from shopwright.errors import NotSupportedHere
from shopwright.members.contacts import Channel
from shopwright.refusals import Refusal


@frozen
class ReadContact:
    """A contact as it is written to, and as it is looked up."""

    channel: Channel
    written: str = field(repr=False)
    looked_up: str = field(repr=False)


def read_contact(channel: Channel, text: str, *, region: str = "") -> ReadContact | Refusal:
    """The contact that this text means; refused with `email_invalid` or `phone_invalid`. Raises `NotSupportedHere` without the extra `members`."""
    return _email(text) if channel is Channel.EMAIL else _phone(text, region)


def _email(text: str) -> ReadContact | Refusal:
    try:
        from email_validator import EmailNotValidError, validate_email
    except ImportError as error:
        raise NotSupportedHere(f"to read an e-mail address needs email-validator ({error}); install shopwright[members]") from error
    try:
        written = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=True).normalized
    except EmailNotValidError:
        return Refusal("email_invalid", "this is not an e-mail address that can be written to; expected one such as ann@mall.example")
    return ReadContact(Channel.EMAIL, written, written.casefold())


def _phone(text: str, region: str) -> ReadContact | Refusal:
    try:
        import phonenumbers
    except ImportError as error:
        raise NotSupportedHere(f"to read a phone number needs phonenumbers ({error}); install shopwright[members]") from error
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        return Refusal("phone_invalid", "this is not a phone number that can be called; expected one such as +49 40 1234567, with its country")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ReadContact(Channel.PHONE, written, written)
