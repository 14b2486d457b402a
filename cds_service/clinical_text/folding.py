"""One spelling for every text, before anything is read in it: characters, line ends and the stops of abbreviations.

Texts come through HTML, word processors, HL7 v2 and terminals; the same words must read alike in all of them. A line end that only
wraps a sentence becomes a space, and one that ends something becomes a blank line, so that folding twice changes nothing more.
"""

import re
import unicodedata
from functools import cache
from html.entities import html5

from cds_service.clinical_text import patterns
from cds_service.clinical_text.memory import remembered
from cds_service.clinical_text.rules import rules

MAX_LENGTH = 20_000  # characters of one text that are read
_REMEMBERED = 1024  # texts

_DASHES = dict.fromkeys(
    map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d\u02d7\x96\x97"),
    "-",
)
# \x91 to \x97 are quotes and dashes of Windows that were taken for ISO 8859-1.
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u2032\u00b4\uff07`\x91\x92"), "'")
_LINE_ENDS = dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
_BLANKS = dict.fromkeys(map(ord, "\t\u1680"), " ")
_UNSEEN = dict.fromkeys(
    [
        *range(9),
        *range(0xE, 0x1C),
        0x1F,
        *range(0x7F, 0x85),
        *range(0x86, 0x91),
        *range(0x98, 0xA0),
        0x115F,
        0x1160,
        0x3164,
        0xFFA0,
    ]
)
_PLAIN = frozenset(chr(number) for number in range(0x20, 0x7F)) - {"`"} | {"\n"}
_LETTERS = _UNSEEN | _DASHES | _APOSTROPHES | _LINE_ENDS | _BLANKS
# An entity, however often its "&" was encoded again.
_ENTITY = re.compile(
    r"&(?:(?:amp|#0*38|#[xX]0*26);)*(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)?"
)
_RETURN = re.compile(r"\r\n?")
_SOFT_BREAK = re.compile("\u00ad[ \\t]*(?:\r\n?|\n)[ \\t]*")


def fold(text: str) -> str:
    """Lower case without accents, in one spelling, at most MAX_LENGTH characters read: "één" and "een", "BI‑RADS&nbsp;5" and "bi-rads 5"
    read alike. A line feed in it ends a sentence, and is one of two."""
    if (
        text.isascii()
        and text.isprintable()
        and "&" not in text
        and "`" not in text
        and ". " not in text
    ):
        return text[:MAX_LENGTH].lower()  # most texts are names
    return _folded(text[:MAX_LENGTH])


@remembered(_REMEMBERED)
def _folded(text: str) -> str:
    """Every reader of a request asks for the same texts."""
    plain = written(text)
    if plain.isascii():
        return plain.lower()
    # A text has few different letters beyond ASCII: each is replaced at once, wherever it stands.
    for letter in set(plain):
        if not letter.isascii():
            plain = plain.replace(letter, _without_accent(letter))
    return plain.lower()


@cache
def _without_accent(letter: str) -> str:
    """A letter beyond ASCII in small letters without its accent; nothing where it is an accent only."""
    plain = unicodedata.normalize("NFKD", letter).casefold().translate(_DASHES)
    return "".join(
        part
        for part in plain
        if part < "\x7f" or unicodedata.category(part) not in ("Mn", "Me", "Mc")
    )


def written(text: str) -> str:
    """The same with its capitals and accents, for who needs them."""
    text = _in_one_spelling(text[:MAX_LENGTH])
    text = patterns.ABBREVIATION.sub(_without_stop, text)
    return _sentences(text) if "\n" in text else text


# --- characters


def _in_one_spelling(text: str) -> str:
    """Entities decoded, one kind of space, dash, apostrophe and line end; nothing that is not seen."""
    for _ in range(4):  # a character may turn out to be part of an entity
        before = text
        text = _ENTITY.sub(_decoded, text) if "&" in text else text
        if "\r" in text or "\u00ad" in text:
            text = _RETURN.sub("\n", _SOFT_BREAK.sub("", text))
        if odd := {letter for letter in set(text) if letter not in _PLAIN}:
            text = _of_plain_letters(text, odd)
        if text == before or "&" not in text:
            break
    return text


def _of_plain_letters(text: str, odd: set[str]) -> str:
    """A text in NFKC with one kind of each sign and without what is not seen; `odd`: its letters that are not plain ASCII."""
    replaced = text
    for letter in odd:
        replaced = replaced.replace(letter, _seen(letter))
    if unicodedata.is_normalized("NFKC", replaced):
        return replaced
    composed = unicodedata.normalize("NFKC", text.translate(_LETTERS)).translate(_LETTERS)
    return "".join(
        [
            letter
            for letter in composed
            if letter < "\x7f" or unicodedata.category(letter) not in ("Cf", "Me")
        ]
    )


@cache
def _seen(letter: str) -> str:
    """A letter as it is written here; nothing for one that is not seen."""
    written = letter.translate(_LETTERS)
    return "" if written == letter and unicodedata.category(letter) in ("Cf", "Me") else written


def _decoded(entity: re.Match[str]) -> str:
    name = entity[1]
    if name is None:
        return "&"
    if name[0] != "#":
        return html5.get(f"{name};") or html5.get(f"{name.lower()};") or f"&{name};"
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(number) if 0 < number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else " "


# --- abbreviations


def _without_stop(found: re.Match[str]) -> str:
    """An abbreviation without its stop, where the sentence goes on; a sentence that surely ends there is set apart."""
    word, blank, text = found["word"], found["blank"], found.string
    known = rules()
    short = word.lower()
    always = (
        short in known.always_short
        or short in ("v", "pl")
        and patterns.SHORT_BEHIND.search(text[max(0, found.start() - 20) : found.end("word")])
    )
    if blank.count("\n") > 1 or not (
        always or short in known.mostly_short or short in known.seldom_short
    ):
        return found[0]
    ahead = text[found.end() : found.end() + 40]
    if always:
        return word + blank
    if (
        ahead[:1].isupper() and ahead[1:2].islower()
    ):  # "Tepelvloed re. Geen knobbel", not "evt. MRI"
        return f"{word}.\n\n"
    return (
        word + blank
        if short in known.mostly_short or patterns.GOES_ON.match(ahead.lower())
        else found[0]
    )


# --- lines


def _sentences(text: str) -> str:
    """Lines that a sentence runs over as one; a blank line between all others."""
    lines = [line.strip() for line in text.split("\n")]
    widest = max(map(len, lines))
    in_capitals = not any(letter.islower() for letter in text)
    is_written = in_capitals or any(letter.isupper() for letter in text)
    kept: list[list[str]] = []
    before = ""
    for line in lines:
        if line and before and (word := _broken_word(before, line)) is not None:
            kept[-1][-1] = kept[-1][-1][: len(kept[-1][-1]) - len(word[0])] + word[1]
            kept[-1].append(line[len(word[2]) :])
        elif line and before and _goes_on(before, line, widest, in_capitals, is_written):
            kept[-1] += [" ", line]
        elif line:
            kept.append([line])
        before = line
    return "\n\n".join("".join(parts) for parts in kept)


def _broken_word(before: str, line: str) -> tuple[str, str, str] | None:
    """What a word that is broken at a line end replaces: (its end before, the whole, its end behind); None where none is."""
    first, second = patterns.BROKEN_BEFORE.search(before), patterns.BROKEN_BEHIND.match(line)
    if first is None or second is None:
        return None
    start, rest = first["word"], second["word"]
    if rest.lower() in patterns.HANGS:  # "borst- en okselklieren"
        return f"{start}-", f"{start}- {rest}", rest
    if not rest.islower() or not start[-1].islower():
        return (
            (f"{start}-", f"{start}-{rest}", rest) if start.lower() in patterns.HYPHENATED else None
        )
    hyphen = "-" if len(start) <= 3 or start in patterns.HYPHENATED else ""
    return f"{start}-", f"{start}{hyphen}{rest}", rest


def _goes_on(before: str, line: str, widest: int, in_capitals: bool, is_written: bool) -> bool:
    """Whether a sentence of the line before goes on in this one, and does not end where its writer began a new line."""
    if before[-1] in ".!?;:":
        return before[-1] == ":" and patterns.ANSWER_ALONE.fullmatch(line.lower()) is not None
    if patterns.BEGINS_A_LINE.match(line):
        return False
    end = before[-60:].lower()
    if patterns.OPEN_END.search(end):
        return True
    acronym = line[:1].isupper() and line[1:2].isupper()
    if not (line[:1].islower() or in_capitals or line[:1] == "("):
        return bool((acronym or line[:1].isdigit()) and patterns.LEANING_END.search(end))
    if patterns.LEANING_END.search(end) or patterns.CONTINUES.match(line.lower()):
        return True
    # A line that is as full as lines get, in a text that is written in sentences.
    return (
        is_written and len(before) >= 50 and len(before) + 1 + len(line.split(None, 1)[0]) > widest
    )
