"""The PDF file, by typst."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zhike.kernel.errors import Refused
from zhike.policy.printing import Sheet

TEMPLATE = Path(__file__).with_name("policy.typ")
# The first of each row that the machine has is used.
BODY = ("FangSong", "STFangsong", "FandolFang", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "Songti SC",
        "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "Droid Sans Fallback")  # fmt: skip
HEAD = ("SimHei", "STHeiti", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
        "Noto Serif CJK SC", "WenQuanYi Micro Hei", "Droid Sans Fallback")  # fmt: skip
TITLE = ("FZXiaoBiaoSong-B05S", "Noto Serif CJK SC", "Source Han Serif SC", "STSong", "SimSun", *HEAD)


def write(sheet: Sheet) -> bytes:
    """The document as .pdf.

    Raises:
        Refused: the machine has no Chinese font.
    """
    import typst

    faces = {name: _first(row) for name, row in (("body", BODY), ("head", HEAD), ("title", TITLE))}
    if not all(faces.values()):
        raise Refused(
            _("No Chinese font is installed on the server. Install one (on Debian: apt-get install fonts-noto-cjk) "
              "and try again; the Word document works meanwhile."),
            code="no_font",
        )  # fmt: skip
    data = json.dumps(sheet.as_json() | {"faces": faces}, ensure_ascii=False)
    made: Any = typst.compile(str(TEMPLATE), format="pdf", sys_inputs={"sheet": data})
    return bytes(made)


def _first(row: tuple[str, ...]) -> str:
    return next((name for name in row if name.lower() in _families()), "")


@cache
def _families() -> frozenset[str]:
    """The font families that the machine has."""
    import typst

    return frozenset(name.lower() for name in typst.Fonts().families())
