"""Finding anything by a fragment of its name, its pinyin, a phone tail or a code."""
