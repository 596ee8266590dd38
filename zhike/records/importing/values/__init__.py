"""From cells to values: one parser per kind of field. None or an empty list: the cell is empty."""

from zhike.records.importing.values.cells import folded, is_nothing, several, text_of
from zhike.records.importing.values.moments import day, moment, order_of
from zhike.records.importing.values.numbers import money, number, percent, whole
from zhike.records.importing.values.words import Choices, boolean, emails, phones, tags, text, url

__all__ = [
    "Choices",
    "boolean",
    "day",
    "emails",
    "folded",
    "is_nothing",
    "moment",
    "money",
    "number",
    "order_of",
    "percent",
    "phones",
    "several",
    "tags",
    "text",
    "text_of",
    "url",
    "whole",
]
