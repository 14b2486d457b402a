"""The words by which short clinical texts deny, doubt, date and place what they say; Dutch and English, in plain lists.

Texts are matched folded: lower case, without accents. `*` stands for the rest of a word. See cds_service.text for how
far each cue reaches.
"""

import re


def _phrases(*lists: str, before: str = "(?<![a-z])", after: str = "(?![a-z])") -> re.Pattern:
    """One pattern for phrases separated by |, whole words only."""
    phrases = [phrase.strip() for text in lists for phrase in text.split("|")]
    written = "|".join(re.escape(phrase).replace(r"\*", r"\w*").replace(r"\ ", r"\s") for phrase in phrases if phrase)
    return re.compile(f"{before}(?:{written}){after}")


# --- where a clause ends

# At a full stop or question mark before a space, at ; and line ends, and where the sentence turns.
CLAUSE_END = re.compile(r"\.(?=\s|$)|(?<=\?)(?=\s|$)|[;\n\r!]|(?<![a-z])(?:maar|echter|but|however)(?![a-z])")
# The stop of an abbreviation ("re. borst", "cat. 4") ends nothing.
ABBREVIATION = re.compile(r"(?<![a-z])(re|li|lt|rt|l|r|cat)\.\s+(?=borst|mamma|tepel|breast|nipple|brust|\d)")

# --- denial

# These deny what follows them in their part of the sentence ...
DENIES_AHEAD = _phrases(
    "geen verdenking op | geen verdenking | niet verdacht voor | geen aanwijzing* voor | geen tekenen van | geen | zonder | noch | nooit | ontkent",
    "afwezigheid van | negatief voor",
    "no suspicion of | no evidence of | no sign of | neither | nor | no | without | denies | denied | never | negative for | absence of",
    after=r"(?![a-z])(?! bezwaar)",
)
# ... until one of these takes it back.
AFFIRMS = re.compile(r"(?<![a-z])(?:wel|met|with|behalve|except)(?![a-z])|,\s*(?:links|rechts|linker\w*|rechter\w*|left|right)(?![a-z])")
# An enumeration that is denied goes on over its commas.
ENUMERATES = _phrases("of | noch | or | nor")
# These deny only the word that follows at once: "niet spontaan", "niet uit één melkgang".
DENIES_NEXT = re.compile(r"(?<![a-z])(?:niet|not|non)[\s\-]+(?:uit\s|via\s|from\s)?$")
# An answer behind the word denies it: "tepelvloed: nee", "werd niet gezien", "retractie (-)".
DENIES_BEFORE = _phrases(
    "afwezig | nee | geen | negatief | ontkend | uitgesloten | niet aanwezig | niet gezien | niet vastgesteld | niet aangetoond | niet gevonden",
    "absent | no | none | nil | neg | negative | denied | excluded | not present | not seen",
    before=r"^\s*(?:links|rechts|left|right)?\s*[:=]?\s*(?:(?:werd|wordt|is|was|were|has been|have been)\s)?",
)
MINUS = re.compile(r"^\s*(?:\(\s*-\s*\)|:?\s*-(?=\s*(?:[,)]|$)))")
# "Sereuze, geen bloederige tepeluitvloed": the noun belongs to the first adjective too.
SHARED_NOUN = re.compile(r"^[a-z]+e,\s*(?:geen|niet|no|not)\s+[a-z]+\s+$")
SHARED_NOUN_AHEAD = re.compile(r"^[a-z]+e,\s*(?:geen|niet|no|not)\s+[a-z]+\s+[a-z]")
# A part that denies something says nothing of the side of what is there; "niet-bloederig" denies no more than a colour.
DENIES_SIDE = re.compile(
    r"(?<![a-z])(?:geen|zonder|no|without)(?![a-z])"
    r"|(?<![a-z])(?:links|rechts|left|right)\s+(?:niet|not)(?![a-z])|(?<![a-z])(?:niet|not)\s+(?:links|rechts|left|right)(?![a-z])"
)

# --- doubt

DOUBT = _phrases(
    "mogelijk* | misschien | waarschijnlijk* | verdacht* | verdenking | vermoed* | differentiaal* | dd | cave | onduidelijk* | twijfel*",
    "uitsluiten | uitsluiting | niet uit te sluiten | niet uitgesloten | niet worden uitgesloten",
    "possible | possibly | probable | probably | likely | suspect* | suspicion | suspicious | questionable | query | rule out | r/o",
    "cannot exclude | cannot be excluded | not excluded",
)
# A denial of the doubt itself.
CLEAR = _phrases("geen verdenking | niet verdacht | no suspicion | not suspicious")
# Not (yet) so: advice for when it would happen.
ADVICE = _phrases(
    "retour bij | retour als | retour indien | terug bij | terug als | terug indien | terugkomen bij | terugkomen als | terugkomen indien",
    "contact bij | contact als | contact indien | contact opnemen bij | contact opnemen als | contact opnemen indien | indien | mocht",
    "return if | return in case | come back if | contact us if | in case of | should",
)
ADVICE_BEHIND = re.compile(r"(?<![a-z])(?:terugkomen|contact opnemen)$")

# --- another time, another person

PAST = _phrases(
    "vorig* | eerder* | voorheen | destijds | voorgeschiedenis | vg | status na | in het verleden | vergeleken | vergelijking",
    "previous* | prior | formerly | history of | hx | comparison | compared",
    before=r"(?<![a-z])(?<!sinds )(?<!since )",
)
UNTIL_YEAR = re.compile(r"(?<![a-z])tot \d{4}")
# The words behind a term that put it in the past.
PAST_AFTER = _phrases("in het verleden | verdwenen | gestopt | opgehouden | nu over | resolved | stopped | no longer")
# The same, up to the next comma: "mammacarcinoom links, astma in de voorgeschiedenis" puts no cancer in the past.
IN_HISTORY = _phrases("in de voorgeschiedenis | in voorgeschiedenis | in de vg | in vg | in the past")
# A heading that puts its whole clause elsewhere in time; otherwise such a word reaches to the next comma.
PAST_HEADING = re.compile(r"^(?:vergelijking|comparison|voorgeschiedenis|vg|history|(?:vorig\w*|eerder|prior|previous)(?: \w+)?)\s*:")
# A relative.
RELATIVE = _phrases("famil* | moeder | zus | zuster | tante | oma | grootmoeder | dochter", "mother | sister | aunt | grandmother | daughter")
RELATIVE_HEADING = re.compile(r"^(?:famil\w*|family[a-z ]*)\s*:")
# Clinical data and questions tell of before the examination, up to where the answer begins.
CLINICAL_DATA = re.compile(r"^(?:klinische? (?:gegevens|informatie|vraag)|indicatie|vraagstelling|reden|anamnese|clinical|indication|reason)\b[^:]*:")
ANSWER = re.compile(r"(?<![a-z])(?:conclusie|antwoord|impression|bi[\s\-]?rads)")

# --- side

_BREAST = r"(?:borst|mamma|tepel|breast|nipple|brust)"
# A single letter is a side beside a breast, before a colon, in brackets and at the end.
_LETTER = rf"{{0}}(?=\.?\s+{_BREAST}|\s*:|$)|\({{0}}\)|(?<=mamma ){{0}}|(?<=borst ){{0}}|(?<=tepel ){{0}}"
LEFT = re.compile(rf"(?<![a-z])(?:links\w*|linke\w*|left|li|lt|{_LETTER.format('l')})(?![a-z])")
RIGHT = re.compile(rf"(?<![a-z])(?:rechts\w*|rechte\w*|right|rt|re(?![\w-])|{_LETTER.format('r')})(?![a-z])")
BOTH = re.compile(
    r"(?<![a-z])(?:beiderzijds|beide (?:borsten|mammae|zijden|kanten|tepels)|bilatera\w*|dubbelzijdig\w*|tweezijdig\w*|beidseit\w*|bdz|bds|"
    r"(?:l|li)\s?[+/&>]\s?(?:r|re)|(?:r|re)\s?[+/&>]\s?(?:l|li)|both (?:breasts|sides))(?![a-z])"
)
