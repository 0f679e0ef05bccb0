"""Words in names that tell what a switch, scene or cover does, in the languages of homes.

A name can only make a thing more dangerous than its kind is; no name makes it harmless.
"""

from __future__ import annotations

from hub.ground.names import tokens


def _folded(words: str) -> frozenset[str]:
    """Words as names are compared."""
    return frozenset(token for word in words.split() for token in tokens(word))


GATES = _folded(
    "garage gate garagentor hoftor gartentor tor portail portón porton garaje verja cancello "
    "portão garagem poort brama garaż"
)
"""Words of a cover that lets somebody in, where its device class does not say."""
WAYS_IN = GATES | _folded(
    "lock door opener safe gun tür tuer schloss haustür türöffner tresor porte serrure coffre "
    "puerta cerradura porta serratura portone fechadura cadeado deur drzwi zamek"
)
"""Words of a switch or scene that opens something: a relay in disguise needs what a lock needs."""
HOT = _folded(
    "oven stove cooker hob sauna furnace ofen backofen herd kochfeld cuisinière horno estufa forno "
    "fornello fogão kachel fornuis piekarnik kuchenka"
)
"""Words of a switch that makes something hot."""
UNSPACED_GATES = ("车库", "大门", "ガレージ")
UNSPACED_WAYS_IN = (*UNSPACED_GATES, "门锁", "开门", "锁", "ドア", "鍵", "玄関")
UNSPACED_HOT = ("烤箱", "炉", "灶", "オーブン", "コンロ")
"""The same as parts of names, where a script puts no spaces between words."""
