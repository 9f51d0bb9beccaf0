"""What programs write in the place of a value they have not: spreadsheets in many languages, databases, scripts."""

from __future__ import annotations

import re
import unicodedata

_ERRORS = """
    #NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN!
    #BUSY! #EXTERNAL! #TIMEOUT! #PYTHON! #ERROR! #CIRCULAR! #N/A!
    #NV #BEZUG! #WERT! #ZAHL! #ÜBERLAUF! #KALK! #FELD! #BLOCKIERT! #VERBINDEN! #UNBEKANNT! #DATEN_ABRUFEN
    #NUL! #VALEUR! #NOM? #NOMBRE! #PROPAGATION! #EPARS! #CALCUL! #CHAMP! #BLOQUE! #CONNEXION! #INCONNU!
    #CHARGEMENT_DONNEES
    #NULO! #VALOR! #NOMBRE? #N/D #DESBORDAMIENTO! #CAMPO! #BLOQUEADO! #CONECTAR! #DESCONOCIDO! #OBTENIENDO_DATOS
    #NULLO! #VALORE! #RIF! #NOME? #ESPANSIONE! #PROPAGAZIONE!
    #NÚM! #DESPEJAR! #DERRAME! #TRANSBORDAR! #EXCEDENTE!
    #LEEG! #DEEL/0! #WAARDE! #VERW! #NAAM? #GETAL! #N/B #OVERLOOP! #OVERLOPEN! #BEREKENEN!
    #SKÄRNING! #DIVISION/0! #VÄRDEFEL! #REFERENS! #NAMN? #OGILTIGT! #SAKNAS!
    #VÆRDI! #REFERENCE! #NAVN? #I/T #OVERLØB! #VERDI! #OVERFLYT!
    #TYHJÄ! #JAKO/0! #ARVO! #VIITTAUS! #NIMI? #LUKU! #PUUTTUU! #LASKE! #LEVITÄ!
    #ZERO! #DZIEL/0! #ARG! #ADR! #NAZWA? #LICZBA! #ROZLANIE! #OBL!
    #HODNOTA! #ODKAZ! #NÁZEV? #ČÍSLO! #DĚLENÍ_NULOU! #NENÍ_K_DISPOZICI #PŘESAH! #NÁZOV? #DELENIENULOU! #NEDOSTUPNÝ
    #NULLA! #ZÉRÓOSZTÓ! #ÉRTÉK! #HIV! #NÉV? #SZÁM! #HIÁNYZIK #KIBONTÁS!
    #VALOARE! #NUME? #VRIJEDNOST! #IME? #VREDNOST!
    #BOŞ! #SAYI/0! #DEĞER! #BAŞV! #AD? #ADI? #SAYI! #YOK #TAŞMA! #HESAPLA!
    #ПУСТО! #ДЕЛ/0! #ЗНАЧ! #ССЫЛКА! #ИМЯ? #ЧИСЛО! #Н/Д #ПЕРЕНОС! #ВЫЧИСЛ! #ОЖИДАНИЕ_ДАННЫХ #ЗНАЧЕННЯ! #ПОСИЛАННЯ!
    #ΚΕΝΟ! #ΔΙΑΙΡ/0! #ΤΙΜΗ! #ΑΝΑΦ! #ΟΝΟΜΑ? #ΑΡΙΘ! #Δ/Υ
    #スピル! #溢出! #名称? #引用! #值!
    Loading... Loading… Wird~geladen... Chargement... Cargando... Carregando... Загрузка...
    正在加载... 加载中... 載入中... 正在載入... 読み込んでいます... 読み込み中... 로드~중...
"""


def _plain(cell: str) -> str:
    """The cell without what differs between versions: case, width, and the marks before Spanish words."""
    return unicodedata.normalize("NFKC", cell).translate({0xA1: None, 0xBF: None}).upper()


ERRORS = frozenset(one.replace("~", " ") for one in _ERRORS.split())
"""What Excel, WPS, Google and LibreOffice show in the place of a value they have not, in their languages."""
_PLAIN_ERRORS = frozenset(map(_plain, ERRORS))
_NUMBERED = re.compile(
    r"(?:Err|Erro|Error|Errore|Erreur|Fehler|Fout|Fel|Feil|Fejl|Virhe|Błąd|Chyba|Hiba|Hata|Eroare|Ошибка|Помилка"
    r"|错误|錯誤|エラー|오류) ?: ?5\d\d",
    re.IGNORECASE,
)
"""Of LibreOffice and OpenOffice."""
_LEFTOVERS = """
    NULL null (null) <null> \\N NaN nan <NA> NaT undefined None [object~Object] #N/A~N/A (blank) (Leer) (vide)
    (空白) (空) [] {} -nan 1.#QNAN
"""
LEFTOVERS = frozenset(one.replace("~", " ") for one in _LEFTOVERS.split())
"""What databases, scripts and pivot tables write for no value; each is drawn as a word."""


def is_error(cell: str) -> bool:
    """Whether a spreadsheet shows so that it has no value.

    Args:
        cell: without blanks around.
    """
    if cell.isascii() and cell.isalnum():
        return False  # as most that are looked at: numbers, ids
    return _plain(cell) in _PLAIN_ERRORS or bool(_NUMBERED.fullmatch(unicodedata.normalize("NFKC", cell)))
