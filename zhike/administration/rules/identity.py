"""What a user name, an e-mail, a mobile number and a password must be."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from zhike.kernel.errors import Refused
from zhike.staff.models import User

_USERNAME = re.compile(r"[\w.@+-]{2,60}")


def check_username(raw: str) -> str:
    """The user name as it is kept: full-width made half-width, no blanks around it.

    Raises:
        Refused: too short, too long or with other signs.
    """
    username = unicodedata.normalize("NFKC", raw).strip()
    if not _USERNAME.fullmatch(username):
        raise Refused(
            _("This user name will not do."),
            fields={"username": _("Two to sixty letters, digits, Chinese characters or . @ + - _")},
        )
    return username


def check_email(raw: str) -> str:
    """The address as it is kept.

    Raises:
        Refused: it is none.
    """
    email = unicodedata.normalize("NFKC", raw).strip()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(_("This is no e-mail address."), fields={"email": _("This is no e-mail address.")}) from None
    local, _at, host = email.rpartition("@")
    return f"{local}@{host.lower()}"


def check_mobile(raw: str) -> str:
    """The number as +8613800138000.

    Raises:
        Refused: no such number is possible.
    """
    mobile = read_mobile(raw)
    if mobile is None:
        raise Refused(_("This is no mobile number."), fields={"mobile": _("This is no mobile number.")})
    return mobile


def read_mobile(raw: str) -> str | None:
    """The number as +8613800138000, or None."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", raw), "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check_password(password: str, user: User | None = None) -> None:
    """Stop unless the password is long enough, not a common one and not the person's own data.

    Raises:
        Refused: with every reason.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        reasons = " ".join(str(message) for message in error.messages)
        raise Refused(reasons, fields={"password": reasons}) from None
