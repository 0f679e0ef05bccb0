"""How Chinese characters sound: speech recognition writes one for another of the same syllable."""

from __future__ import annotations

import os
from functools import lru_cache


@lru_cache(maxsize=8192)
def syllable(character: str) -> str:
    """A Chinese character's most usual syllable in Pinyin, without its tone ("暖": nuan); what is
    none, as it is."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # 43 MB that single characters don't need
    from pypinyin import lazy_pinyin

    return lazy_pinyin(character)[0]
