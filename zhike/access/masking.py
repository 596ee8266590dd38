"""Masks of personal data (domain rule R1.34): enough to recognise, not enough to use.

Made on the server. A masked value is never written back: `is_masked` tells one that comes home in a form.
"""

from __future__ import annotations

import re
from collections.abc import Callable

STARS = "***"

# The surnames of two characters that are in use; everything else has one.
_SURNAMES = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正"
    "宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘西门南荣东里东宫即墨达奚褚师歐陽司馬東方諸葛尉遲赫連長孫鮮于閭丘巫馬顓孫樂正軒轅東郭南門西門"
)
_DOUBLE_SURNAMES = frozenset(_SURNAMES[at : at + 2] for at in range(0, len(_SURNAMES), 2))
_MASKED = re.compile(r"\*{3}|^[\u3400-\u9fff\U00020000-\U0003ffff]{1,2}\*{1,4}$")
_CJK = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def mobile(value: str) -> str:
    """138****5678; a foreign number keeps its code and last four."""
    prefix, digits = _split_country(value)
    if len(digits) < 7:
        return STARS
    return f"{prefix}{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else f"{prefix}****{digits[-4:]}"


def landline(value: str) -> str:
    """010-****5678: area code and last four."""
    _prefix, digits = _split_country(value)
    area = re.match(r"0(?:10|2\d|[3-9]\d\d)", digits)
    if area is None or len(digits) - len(area[0]) < 5:
        return mobile(value)
    return f"{area[0]}-****{digits[-4:]}"


def phone(value: str) -> str:
    """Mobile or landline, as the number is."""
    _prefix, digits = _split_country(value)
    is_mobile = len(digits) == 11 and digits.startswith("1")
    return mobile(value) if is_mobile or not digits.startswith("0") else landline(value)


def email(value: str) -> str:
    """a***@x.com"""
    local, at, host = value.strip().rpartition("@")
    return f"{local[:1]}{STARS}@{host}" if at and local else STARS


def id_number(value: str) -> str:
    """110***********123X: first three, last four."""
    value = value.strip()
    return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}" if len(value) >= 12 else STARS


def bank_account(value: str) -> str:
    """**** **** **** 1234"""
    digits = re.sub(r"\D", "", value)
    return f"**** **** **** {digits[-4:]}" if len(digits) >= 8 else STARS


def name(value: str) -> str:
    """张*, 欧阳**; other names keep their first letter."""
    value = value.strip()
    if not value:
        return ""
    if not _CJK.match(value):
        return f"{value[:1]}{STARS}"
    surname = 2 if value[:2] in _DOUBLE_SURNAMES and len(value) > 2 else 1
    return value[:surname] + "*" * max(len(value) - surname, 1)


def address(value: str) -> str:
    """To the district: 北京市海淀区***"""
    found = re.match(r".*?(?:[区县旗]|[^省区]{2,}?市(?=.*[路街道镇乡号])(?!.*?[区县旗]))", value.strip())
    return f"{found[0] if found and len(found[0]) < len(value.strip()) else value.strip()[:3]}{STARS}"


def wechat(value: str) -> str:
    """The first two signs."""
    return f"{value.strip()[:2]}{STARS}"


def text(value: str) -> str:
    """Anything else: the first sign."""
    return f"{value.strip()[:1]}{STARS}"


def nothing(value: str) -> str:
    """Nothing of it: what has no recognisable part (amounts, dates, choices)."""
    return STARS if value else value


# By manner, and by kind of field for fields that name no manner.
MASKS: dict[str, Callable[[str], str]] = {
    "phone": phone,
    "phones": phone,
    "mobile": mobile,
    "landline": landline,
    "email": email,
    "emails": email,
    "id_number": id_number,
    "bank_account": bank_account,
    "name": name,
    "address": address,
    "addresses": address,
    "wechat": wechat,
    "handles": wechat,
    "text": text,
    "long_text": nothing,
}


def mask(manner: str, value: str) -> str:
    """The value under a mask; what is empty stays empty."""
    return MASKS.get(manner, nothing)(value) if value else value


def is_masked(value: object) -> bool:
    """Whether this came from a mask: such a value must not be written back."""
    if isinstance(value, list | tuple):
        return any(is_masked(item) for item in value)
    return isinstance(value, str) and bool(_MASKED.search(value))


def _split_country(value: str) -> tuple[str, str]:
    value = value.strip()
    digits = re.sub(r"\D", "", value)
    if value.startswith(("+86", "0086")):
        digits = re.sub(r"^(?:00)?86", "", digits)
        is_national = digits.startswith("0") or (len(digits) == 11 and digits.startswith("1"))
        return "", digits if is_national else f"0{digits}"
    if value.startswith("+"):
        code = next((digits[:n] for n in (1, 2, 3) if digits[:n] in _COUNTRY_CODES), digits[:2])
        return f"+{code} ", digits[len(code) :]
    return "", digits


# The shorter codes win; three digits where nothing shorter is a code.
_COUNTRY_CODES = frozenset({"1", "7", "20", "27", "852", "853", "886", "971", "966"} | {str(n) for n in range(30, 67)})
