"""Codes that people choose by name: regions, industries. The module that knows the codes says what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zhike.records.kinds import Kind


@dataclass(frozen=True)
class Picker:
    """The codes of a kind.

    Attributes:
        label: code to what is read (``330100`` → 浙江省杭州市), in the reader's language.
        search: text to at most 30 (code, label) pairs, best first.
        tree_url: address name of the whole tree for the cascade of regions; empty: found by typing.
    """

    kind: Kind
    label: Callable[[str], str]
    search: Callable[[str], Sequence[tuple[str, str]]]
    tree_url: str = ""


_pickers: dict[Kind, Picker] = {}


def register_picker(picker: Picker) -> Picker:
    """Say what the codes of a kind mean."""
    _pickers[picker.kind] = picker
    return picker


def picker_of(kind: Kind) -> Picker | None:
    return _pickers.get(kind)


def label_of(kind: Kind, code: str) -> str:
    """The name of a code; the code itself where nobody knows it."""
    picker = _pickers.get(kind)
    return (picker.label(code) if picker and code else "") or code
