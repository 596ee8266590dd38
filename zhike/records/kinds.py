"""The kinds of value a field can hold: built-in columns and company-defined fields alike."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    TEXT = "TEXT", pgettext_lazy("kind of field", "Text")
    LONG_TEXT = "LONG_TEXT", _("Long text")
    INTEGER = "INTEGER", _("Whole number")
    DECIMAL = "DECIMAL", pgettext_lazy("kind of field", "Number")
    MONEY = "MONEY", _("Money")
    PERCENT = "PERCENT", _("Percentage")
    DATE = "DATE", _("Date")
    DATETIME = "DATETIME", _("Date and time")
    BOOLEAN = "BOOLEAN", _("Yes or no")
    CHOICE = "CHOICE", _("Choice")
    MULTI_CHOICE = "MULTI_CHOICE", _("Several choices")
    USER = "USER", _("User")
    ORG_UNIT = "ORG_UNIT", _("Department")
    RECORD = "RECORD", _("Record")
    FILE = "FILE", _("File")
    PHONES = "PHONES", _("Phone numbers")
    EMAILS = "EMAILS", _("E-mail addresses")
    TAGS = "TAGS", _("Tags")
    REGION = "REGION", _("Region")
    INDUSTRY = "INDUSTRY", _("Industry")
    URL = "URL", _("Web address")
    HANDLES = "HANDLES", _("Chat accounts")
    ADDRESSES = "ADDRESSES", _("Addresses")


TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.URL, Kind.REGION, Kind.INDUSTRY})
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.PERCENT})
MOMENTS = frozenset({Kind.DATE, Kind.DATETIME})
LISTS = frozenset({Kind.PHONES, Kind.EMAILS, Kind.TAGS, Kind.MULTI_CHOICE})
KEYS = frozenset({Kind.USER, Kind.ORG_UNIT, Kind.RECORD})
STRUCTURES = frozenset({Kind.HANDLES, Kind.ADDRESSES, Kind.FILE})

# Where chat accounts are held: code and name.
HANDLE_KINDS = (
    ("WECHAT", _("WeChat")),
    ("WECOM", _("WeCom")),
    ("QQ", "QQ"),
    ("DINGTALK", _("DingTalk")),
    ("FEISHU", _("Feishu")),
    ("WEIBO", _("Weibo")),
    ("DOUYIN", _("Douyin")),
    ("XIAOHONGSHU", _("Xiaohongshu")),
    ("OTHER", _("Other")),
)

# What a company may define itself (CUS-1: text, number, money, date, choice, multi-choice, user, customer, file).
CUSTOM_KINDS = (
    Kind.TEXT,
    Kind.LONG_TEXT,
    Kind.INTEGER,
    Kind.DECIMAL,
    Kind.MONEY,
    Kind.DATE,
    Kind.BOOLEAN,
    Kind.CHOICE,
    Kind.MULTI_CHOICE,
    Kind.USER,
    Kind.RECORD,
    Kind.FILE,
)
