"""How numbers are spelled out, from the Unicode CLDR rules that `unicode-rbnf` ships."""

from __future__ import annotations

from unicode_rbnf import RbnfEngine

_SPELLED = (*range(101), *range(200, 1000, 100), *range(1000, 10001, 100))
"""Every number up to a hundred in all its forms; hundreds, and colour temperatures, in one."""

_RULES = {"pt-BR": "pt", "zh-CN": "zh"}


def number_words(language: str) -> dict[str, int]:
    """Spelled numbers and their values: all genders and cases up to 100. The words of larger
    numbers are put together by the reader ("two hundred and fifty")."""
    engine = RbnfEngine.for_language(_RULES.get(language, language))
    found: dict[str, int] = {}
    for number in _SPELLED:
        result = engine.format_number(number)
        forms = {result.text}
        if number <= 100:
            forms |= {
                text
                for rule, text in result.text_by_ruleset.items()
                if "ordinal" not in rule and "year" not in rule
            }
        for form in forms:
            found.setdefault(form.replace("\u00ad", ""), number)
    return found
