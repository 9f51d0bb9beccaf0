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
    #スピル! #参照! #名前? #数値! #溢出! #名称? #引用! #值! #數值! #참조! #이름? #값! #숫자! #DÉVERSEMENT! #ESPACE!
    #ERR! #NAME! #VALUE #REF #DIV/0 #СПИСОК!
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
    NULL null (null) <null> \\N NaN nan <NA> NaT undefined None [object~Object] #N/A~N/A (blank) (Blank)
    (leer) (Leer) (vide)
    (empty)    (空白) (空) （空） （空白） [] {} -nan 1.#QNAN
"""
LEFTOVERS = frozenset(one.replace("~", " ") for one in _LEFTOVERS.split())
"""What databases, scripts and pivot tables write for no value; each is drawn as a word."""


_ABSENT = """
    N/A n.a. k.A. k.~A. s/o s.o. TBD TBA TBC
    暂无 暫無 未填 未填写 未定 待定 待补充 待補充 待填 待填写 待确认 待確認 未設定 該当なし 해당~없음 미정
    keine~Angabe ohne~Angabe nicht~angegeben non~renseigné sin~datos нет~данных
"""
_ABSENT_WORDS = frozenset(one.replace("~", " ").casefold() for one in _ABSENT.split())
_CHOOSE = re.compile(
    r"[-—\s]*(?:请选择|請選擇|请填写|請填寫|选择一个选项|選択してください|선택하세요"
    r"|bitte (?:aus)?wählen|please (?:select|choose)"
    r"|(?:select|choose)(?: an? (?:option|value))?(?=\s*(?:--|\.{3}|…))|veuillez choisir)[^,，。\d]{0,12}",
    re.IGNORECASE,
)
"""What lists to choose from show before anything is chosen."""
_DITTO = frozenset(
    "〃 ″ \" '' 同上 同左 同前 如上 〃〃 ditto do. dito idem s.~o. siehe~oben wie~oben see~above same~as~above as~above"
    " 上と同じ 위와~같음 상동 то~же idem~ci-dessus".replace("~", "\0").split()
)
_BOOLEANS = frozenset(["TRUE", "FALSE", "WAHR", "FALSCH", "VRAI", "FAUX", "VERDADERO", "FALSO", "ИСТИНА", "ЛОЖЬ"])
"""As spreadsheets write them; a person writes yes or no."""
_SUMS = frozenset(
    "合计 合計 总计 總計 小计 小計 共计 汇总 total totals subtotal grand~total sum summe gesamt gesamtsumme"
    " zwischensumme suma somme totale totaal итого всего 합계 총계 소계".replace("~", "\0").split()
)
_LISTED = re.compile(r"""\[\s*(['"]).*\1\s*,?\s*\]|\{\s*(['"])[^'"]+\2\s*:.*\}""", re.DOTALL)
"""A list or a mapping, as programs write them into a cell."""
_WITHIN = re.compile(r"#(?:REF!|N/A(?![A-Za-z])|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|BEZUG!|WERT!|VALEUR!|¡?VALOR!)")


def is_absent(cell: str) -> bool:
    """Whether somebody says with the cell that there is no value yet: `N/A`, `-`, 待定, `-- Select --`.

    Args:
        cell: without blanks around.
    """
    return len(cell) < 40 and (cell.casefold() in _ABSENT_WORDS or bool(_CHOOSE.fullmatch(cell)))


def is_ditto(cell: str) -> bool:
    """Whether the cell only points to the one above or beside it: `〃`, 同上, `ditto`.

    Args:
        cell: without blanks around.
    """
    return len(cell) < 20 and cell.casefold().replace(" ", "\0") in _DITTO


def is_boolean(cell: str) -> bool:
    """Whether the cell is a spreadsheet's yes or no.

    Args:
        cell: without blanks around.
    """
    return cell in _BOOLEANS


def is_sum(cell: str) -> bool:
    """Whether the line that begins so adds up those above: 合计, `Total`.

    Args:
        cell: without blanks around.
    """
    return len(cell) < 20 and cell.casefold().rstrip(":：").replace(" ", "\0") in _SUMS


def is_listed(cell: str) -> bool:
    """Whether a program wrote its own list into the cell: `['red', 'blue']`, `{"value": "red"}`.

    Args:
        cell: without blanks around.
    """
    return cell[:1] in ("[", "{") and bool(_LISTED.fullmatch(cell))


def holds_error(cell: str) -> bool:
    """Whether a spreadsheet's error stands somewhere in the cell, as where texts were joined: `red #REF! mug`.

    Args:
        cell: as it was read.
    """
    return "#" in cell and bool(_WITHIN.search(cell))


def is_error(cell: str) -> bool:
    """Whether a spreadsheet shows so that it has no value.

    Args:
        cell: without blanks around.
    """
    if cell.isascii() and cell.isalnum():
        return False  # as most that are looked at: numbers, ids
    return _plain(cell) in _PLAIN_ERRORS or bool(_NUMBERED.fullmatch(unicodedata.normalize("NFKC", cell)))
