"""The few closed-class words of each language that sampling and noise need."""
# ruff: noqa: E501 (tables of words)

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`units`: words that belong to the number before them; `between`: "and" inside a duration;
    `everywhere` and `here`: what a sentence's scope is read from; `spaced`: whether the language
    writes spaces between words; `shopping`: whether a list is the shopping list."""

    units: frozenset[str]
    between: frozenset[str]
    everywhere: re.Pattern[str]
    here: re.Pattern[str]
    spaced: bool
    shopping: re.Pattern[str]


_SIGNS = "% ° c f k °c °f kelvin celsius fahrenheit"
NO_TIME = frozenset(_SIGNS.split())
"""Units that no length of time has: "k" is also a word ("hodinu k časovači")."""

_UNITS: Mapping[str, str] = {  # "_" is a space
    "ar": "بالمئة بالمائة درجة درجات درجة_مئوية مئوية دقيقة دقائق دقيقه ساعة ساعات ثانية ثواني ثوان ثانيه في_المئة في_المائة",
    "bg": "процента процент градуса градус градуси минути минута час часа секунди секунда минутен минутния секунден секундния часов часовия часове",
    "ca": "percent per_cent graus grau hora hores minut minuts segon segons cent min seg",
    "cs": "procent procenta procento stupňů stupně stupeň hodin hodiny hodinu hodina minut minuty minutu minuta sekund sekundy sekundu vteřin vteřiny vteřinu minutový minutového minutovou minutové hodinový hodinového hodinovou sekundový sekundového sekundovou vteřina sekunda",
    "da": "procent grader grad time timer minut minutter sekund sekunder minutters sekunders timers times min sek minuts sekunds",
    "de": "prozent grad stunde stunden minute minuten sekunde sekunden minütigen minütiger stündigen sekündigen min sek std",
    "en": "percent per_cent degrees_celsius degrees_fahrenheit degrees degree hour hours minute minutes min mins second seconds secs sec watts amps",
    "es": "porciento por_ciento grados grado hora horas minuto minutos segundo segundos min seg",
    "fi": "prosenttia prosenttiin prosentti astetta asteeseen aste tunti tuntia tunnin minuutti minuuttia minuutin sekunti sekuntia sekunnin tunniksi minuutiksi sekunniksi tunnille minuutille sekunnille tunnilla sekunnilla minuutilla",
    "fr": "pourcent pour_cent degrés degré heure heures minute minutes seconde secondes min sec h mn",
    "hu": "százalék százalékra százalékos fok fokra fokos óra órát óránk óráig órával perc percet perccel perces másodperc másodperces másodperccel órás óráig órányi percig percnyi másodpercig másodpercre órásat másodpercet percre órára",
    "it": "percento per_cento gradi grado ora ore minuto minuti secondo secondi min sec",
    "nl": "procent graden graad uur uren minuut minuten seconde seconden minuutje minuutjes uurtje secondes secondjes min sec uurtjes",
    "pl": "procent procenta procentów stopni stopnie stopień godzina godziny godzinę godzin minuta minuty minutę minut sekunda sekundy sekundę sekund minutowy minutowego minutową godzinny godzinnego sekundowy sekundowego",
    "pt": "porcento por_cento graus grau hora horas minuto minutos segundo segundos min seg",
    "pt-BR": "porcento por_cento graus grau hora horas minuto minutos segundo segundos min seg",
    "ro": "procente procent la_sută la_suta grade grad oră ore minut minute secundă secunde ora min sec secunda",
    "ru": "процентов процента процент градусов градуса градус час часа часов минута минуты минуту минут секунда секунды секунду секунд минутный минутного часовой часового секундный секундного мин сек",
    "sk": "percent percentá percento stupňov stupne stupeň hodina hodiny hodinu hodín minúta minúty minútu minút sekunda sekundy sekundu sekúnd minútový minútového minútovú hodinový hodinového sekundový sekundového minútovej minútovému minútové hodinovej hodinovému hodinové hodinovú sekundovej sekundovému sekundové sekundovú",
    "sl": "odstotkov odstotke odstotek procentov stopinj stopinje stopinja ura uri ure uro ur minuta minuti minute minuto minut sekunda sekundi sekunde sekundo sekund minutni minutnega minutnemu urni urnega urnemu sekundni sekundnega sekundnemu",
    "sv": "procent grader grad timme timmar minut minuter sekund sekunder minuters minuts sekunders sekunds timmes timmars min sek",
    "tr": "yüzde derece dereceye saat saatlik saate dakika dakikalık dakikaya saniye saniyelik saniyeye saati saatten dakikadan dakikayı",
    "uk": "відсотків відсотки відсоток градусів градуси градус година години годину годин хвилина хвилини хвилину хвилин секунда секунди секунду секунд хвилинний хвилинного годинний секундний",
    "zh-CN": "度 摄氏度 华氏度 分钟 分 小时 个小时 秒 秒钟 个钟头 钟头 钟",
}

_AND: Mapping[str, str] = {
    "ar": "و", "bg": "и", "ca": "i", "cs": "a", "da": "og", "de": "und", "en": "and a an", "es": "y",
    "fi": "ja", "fr": "et", "hu": "és", "it": "e", "nl": "en", "pl": "i", "pt": "e", "pt-BR": "e",
    "ro": "și si de", "ru": "и", "sk": "a", "sl": "in", "sv": "och", "tr": "ve", "uk": "і та й",
    "zh-CN": "零 和 又",
}  # fmt: skip

_EVERYWHERE: Mapping[str, str] = {
    "ar": r"كل|جميع|كافة", "bg": r"\bвсичк|навсякъде|цел(ия|ата)", "ca": r"\b(tots?|totes|arreu)\b",
    "cs": r"\b(všechn\w*|všude|všech|celý|celém)\b", "da": r"\b(alle|alt|overalt|hele)\b",
    "de": r"\b(alle[ns]?|aller|überall|sämtliche\w*|ganzen)\b",
    "en": r"\b(all|every|everything|each|everywhere)\b",
    "es": r"\b(tod[oa]s?)\b", "fi": r"\b(kaikki|kaikkialla|joka|koko)\b",
    "fr": r"\b(tout(es?)?|tous|partout)\b", "hu": r"\b(összes|minden\w*|mindenhol|mindegyik)\b",
    "it": r"\b(tutt[eoi]|ovunque|dappertutto)\b", "nl": r"\b(alle|alles|overal|hele)\b",
    "pl": r"\b(wszystkie|wszystko|wszystkich|wszędzie|całym)\b",
    "pt": r"\b(tod[oa]s?|tudo)\b", "pt-BR": r"\b(tod[oa]s?|tudo)\b",
    "ro": r"\b(toate|tot|peste tot|toată)\b", "ru": r"\b(все|всё|всех|везде|всю|всем)\b",
    "sk": r"\b(všetk\w*|všade|celom)\b", "sl": r"\b(vse|vseh|vsa|povsod|celem)\b",
    "sv": r"\b(alla|allt|överallt|hela)\b", "tr": r"\b(tüm|bütün|hepsi\w*|her)\b",
    "uk": r"\b(всі|усі|все|усе|всюди|усюди|всіх)\b", "zh-CN": r"所有|全部|全都|一切|全家|全屋|每",
}  # fmt: skip

_HERE: Mapping[str, str] = {
    "ar": r"هنا|هذه الغرفة", "bg": r"\b(тук|тази стая)\b", "ca": r"(?<!d')\b(aquí|aquesta (habitació|sala))\b",
    "cs": r"\b(tady|zde|tu|této místnosti)\b", "da": r"\b(her|dette rum)\b",
    "de": r"\b(hier|diese[mrs] (raum|zimmer))\b",
    "en": r"\b(here|this (room|area|space)|(the|my|our) (room|space))\b",
    "es": r"(?<!de )\b(aquí|est[ae] (habitación|cuarto|sala))\b", "fi": r"\b(täällä|tässä huoneessa|tästä huoneesta)\b",
    "fr": r"\b(ici|cette pièce|la pièce)\b", "hu": r"\b(itt|ebben a szobában)\b",
    "it": r"\b(qui|qua|questa stanza)\b", "nl": r"\b(hier|deze (kamer|ruimte))\b",
    "pl": r"\b(tutaj|tu|tym pokoju)\b", "pt": r"\b(aqui|est[ae] (quarto|divisão|sala))\b",
    "pt-BR": r"\b(aqui|est[ae] (quarto|cômodo|sala))\b", "ro": r"\b(aici|această cameră)\b",
    "ru": r"\b(здесь|тут|этой комнате)\b", "sk": r"\b(tu|tuto|tejto miestnosti)\b",
    "sl": r"\b(tukaj|tu|tej sobi)\b", "sv": r"\b(här|detta rum|det här rummet)\b",
    "tr": r"\b(burada|burayı|buranın|bu oda\w*)\b", "uk": r"\b(тут|цій кімнаті)\b",
    "zh-CN": r"这里|这儿|这个?房间|本房间",
}  # fmt: skip


_SHOPPING: Mapping[str, str] = {
    "ar": "تسوق|مشتريات|بقال", "bg": "пазар", "ca": "compra", "cs": "nákup", "da": "indkøb",
    "de": "einkauf", "en": "shopping|grocer", "es": "compra", "fi": "ostos|kauppa", "fr": "courses",
    "hu": "bevásárl", "it": "spesa", "nl": "boodschap", "pl": "zakup", "pt": "compras",
    "pt-BR": "compras|mercado", "ro": "cumpărătur|cumparatur", "ru": "покуп", "sk": "nákup",
    "sl": "nakup", "sv": "inköp|handl", "tr": "alışveriş|market", "uk": "покуп", "zh-CN": "购物|采购",
}  # fmt: skip


@cache
def lexicon(language: str) -> Lexicon:
    """The closed-class words of a language."""
    listed = f"{_SIGNS} {_UNITS[language]}".split()
    units = frozenset(unit.replace("_", " ") for unit in listed)
    return Lexicon(
        units,
        frozenset(_AND[language].split()),
        re.compile(_EVERYWHERE[language], re.IGNORECASE),
        re.compile(_HERE[language], re.IGNORECASE),
        language != "zh-CN",
        re.compile(_SHOPPING[language], re.IGNORECASE),
    )
