"""Phones, e-mails and chat accounts: what is accepted and how it is kept (R1.8, R1.9)."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-‐-―.()/]+")
_EXTENSION = re.compile(r"(?:转|分机|;?ext[.=]?|x|#|,)\s*([0-9]{1,6})$", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0(?:10|2[0-57-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_SERVICE = re.compile(r"(?:[48]00[0-9]{7}|9[56][0-9]{3,6})")
_EMAIL = re.compile(r"[^@\s,;<>\"'\\]{1,64}@[^@\s,;<>\"'\\]+")
_LABEL = re.compile(r"[a-z0-9\u00a1-\uffff](?:[a-z0-9\-\u00a1-\uffff]{0,61}[a-z0-9\u00a1-\uffff])?")
_WECHAT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{5,19}")
_QQ = re.compile(r"[1-9][0-9]{4,10}")
HANDLE_KINDS = ("WECHAT", "QQ", "WECOM", "DINGTALK", "FEISHU", "DOUYIN", "XIAOHONGSHU", "WEIBO", "OTHER")


def half_width(text: str) -> str:
    """Full-width letters and digits as usual ones, invisible characters away."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf").strip()


def phone(raw: str) -> str | None:
    """A number in E.164 (``+8613800138000``, ``+861088889999;ext=8001``), or None where it is none.

    Service numbers (400, 800, 95…) have no international form of their own; they are kept as ``+86400…``.
    """
    if _MOBILE.fullmatch(raw):  # what an import has a hundred thousand of
        return "+86" + raw
    text = half_width(raw)
    extension = ""
    if match := _EXTENSION.search(text):
        text, extension = text[: match.start()], f";ext={match[1]}"
    digits = _SEPARATORS.sub("", text)
    national = re.sub(r"^(?:\+|00)?86(?=[01489])", "", digits)
    if re.match(r"0?" + _MOBILE.pattern + "$", national):
        return "+86" + national[-11:] if not extension else None
    if _LANDLINE.fullmatch(national):
        return f"+86{national[1:]}{extension}"
    # After +86 the trunk zero is left out: +86 10 8888 9999.
    if digits != national and _LANDLINE.fullmatch("0" + national):
        return f"+86{national}{extension}"
    if _SERVICE.fullmatch(national):
        return f"+86{national}{extension}"
    return _foreign(digits, extension)


def _foreign(digits: str, extension: str) -> str | None:
    if not re.fullmatch(r"(?:\+|00)?[0-9]{6,15}", digits):
        return None
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_valid_number, parse

    written = "+" + digits.removeprefix("00") if digits.startswith("00") else digits
    try:
        number = parse(written, None if written.startswith("+") else "CN")
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) + extension if is_valid_number(number) else None


def email(raw: str) -> str | None:
    """The address with its domain in lower case, or None where it is none."""
    text = half_width(raw)
    if not _EMAIL.fullmatch(text) or len(text) > 254 or ".." in text:
        return None
    local, _at, domain = text.rpartition("@")
    domain = domain.lower()
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or local[0] == "." or local[-1] == ".":
        return None
    return f"{local}@{domain}"


def handle(kind: str, raw: str) -> str | None:
    """A chat account, or None where it is none. A WeChat account may be given as a mobile or QQ number."""
    text = half_width(raw)
    if kind == "WECHAT":
        if _WECHAT.fullmatch(text) or _QQ.fullmatch(text):
            return text
        mobile = phone(text)
        return mobile.removeprefix("+86") if mobile and _MOBILE.fullmatch(mobile.removeprefix("+86")) else None
    if kind == "QQ":
        return text if _QQ.fullmatch(text) else None
    return text if 1 <= len(text) <= 64 else None
