"""How Chinese characters are read, from pypinyin's tables, in a form that is quick for a million names.

pypinyin itself takes 67 µs a name. Here each character has one usual reading (the one most phrases give
it: 长 is cháng, not the dictionary's first zhǎng), and two-character words that read otherwise correct it
(重庆 chóng, 银行 háng, 六安 lù).
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from functools import cache
from itertools import chain
from operator import itemgetter

# Surnames that are read differently from the word (百家姓).
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "区": "ou", "盖": "ge", "尉": "yu",
    "乐": "yue", "朴": "piao", "任": "ren", "覃": "qin", "翟": "zhai", "燕": "yan", "缪": "miao", "宓": "mi",
    "祭": "zhai", "召": "shao", "种": "chong", "黑": "he", "折": "she", "繁": "po", "员": "yun", "贾": "jia",
}  # fmt: skip


_FIRST = itemgetter(0)


def _plain(reading: str) -> str:
    """Without tone marks; ü is v, as it is typed."""
    letters = unicodedata.normalize("NFD", reading.replace("ü", "v")).replace("u\u0308", "v")
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())


@cache
def _tables() -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Character to its usual reading; two-character word to its reading where that differs."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    plain = cache(_plain)
    usual = {chr(code): plain(readings.split(",")[0]) for code, readings in PINYIN_DICT.items()}
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    phrases = {phrase: heard for phrase, heard in PHRASES_DICT.items() if len(phrase) == len(heard)}
    pairs = (zip(phrase, map(_FIRST, heard), strict=True) for phrase, heard in phrases.items())
    for (character, reading), times in Counter(chain.from_iterable(pairs)).items():
        votes[character][plain(reading)] += times
    words = {one: (plain(heard[0][0]), plain(heard[1][0])) for one, heard in phrases.items() if len(one) == 2}
    usual.update({character: count.most_common(1)[0][0] for character, count in votes.items()})
    words["朝阳"] = ("chao", "yang")  # the district, not the morning sun
    differing = {word: pair for word, pair in words.items() if pair != (usual.get(word[0]), usual.get(word[1]))}
    return usual, differing


def readings(characters: str) -> list[str]:
    """The syllable of each character of a run of Chinese; an unknown one stands for itself."""
    usual, words = _tables()
    heard = [usual.get(character, character) for character in characters]
    for i in range(len(characters) - 1):
        if pair := words.get(characters[i : i + 2]):
            heard[i : i + 2] = pair
    return heard
