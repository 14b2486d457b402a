"""The words by which short clinical texts deny, doubt, date and place what they say; Dutch and English, in plain lists. A few
German ones stand among them, for letters from across the border; "nicht" is none of them, for in Dutch it is a cousin.

Texts are matched folded: lower case, without accents. `*` stands for the rest of a word. See cds_service.clinical_text.context for how
far each cue reaches.
"""

import re


def _phrases(*lists: str, before: str = "(?<![a-z])", after: str = "(?![a-z])") -> re.Pattern[str]:
    """One pattern for phrases separated by |, whole words only."""
    phrases = [phrase.strip() for text in lists for phrase in text.split("|")]
    written = "|".join(
        re.escape(phrase).replace(r"\*", r"\w*").replace(r"\ ", r"\s")
        for phrase in phrases
        if phrase
    )
    return re.compile(f"{before}(?:{written}){after}")


# --- where a clause ends

# At a full stop or question mark before a space, at ; and line ends, and where the sentence turns.
CLAUSE_END = re.compile(
    r"\.(?=\s|$)|(?<=\?)(?=\s|$)|[;\n\r!]|(?<![a-z])(?:maar|echter|but|however)(?![a-z])"
)


def _abbreviations(listed: str) -> frozenset[str]:
    return frozenset(word.strip() for word in listed.split("|"))


# The stop of an abbreviation ends nothing. Of these it never does ...
ALWAYS_SHORT = _abbreviations(
    "evt | resp | m.n | i.h.k.v | ihkv | o.a | oa | d.d | dd | vlg | volg | mmv | m.m.v | ivm | i.v.m | wgs | n.a.v | nav | b.v | bv | bijv | t.h.v | thv | t.o.v | tov | t.g.v | tgv"
    " | i.p.v | i.c.m | icm | d.m.v | dmv | m.b.t | mbt | m.b.v | a.d.h.v | i.t.t | i.o.m | d.w.z | t.a.v | o.b.v | m.u.v | i.g.v | z.g | zgn | cf | vs | ong | nr | dr | drs | prof | mevr | mw"
    " | dhr | st.n | st | mgl | mogl | waarsch | vermoedel | vnl | incl | excl | max | min | gem | fig | i.e | e.g | approx | z.b | ggf | bzw | v.a | d.h"
)
# ... of these only before a new sentence, which begins with a capital ("Geen verd. Wel pijn", but "verd. MRI") ...
MOSTLY_SHORT = _abbreviations(
    "aanw | aanwijz | verd | susp | path | pathol | evid | duid | duidel | med | lat | med.lat | craniaal | cran | caud | dors | ventr | prox | dist | multip | uitgebr | onverand | bekn"
)
# ... and of these everywhere but before words that go on about the same, or a number.
SELDOM_SHORT = _abbreviations(
    "re | li | lt | rt | l | r | bdz | bds | cat | ca | gr | jl | afw | ond | onderz | pat | pt | z.n | kl | klin | e.c.i | gez | zichtb | bijz"
)
ABBREVIATION = re.compile(r"(?<![\w.])(?P<word>[A-Za-z][A-Za-z.]{0,9})\.(?P<blank>\s+)(?=\S)")
# "Tekenen v. maligniteit", "ter pl. van": a word that is one only behind these.
SHORT_BEHIND = re.compile(
    r"(?:(?:tekenen|sprake|beeld|aanwijzing(?:en)?|aanw\.?|verd\.?|verdenking)\s+v|ter\s+pl)$",
    re.IGNORECASE,
)
GOES_ON = re.compile(
    r"(?:borst(?!\w)|mamma(?:e|ca\w*|carc\w*)?(?!\w)|tepels?(?!\w)|breast|nipple|brust|oksel|axilla|long(?!\w)|nier|lever(?!\w)|heup|been(?!\w)|arm(?!\w)|"
    r"\d|(?:vi|iv|v|iii|ii|i)\s?[abc]?(?!\w)|niet te beoordelen|niet beoordeelbaar|not assessable|"
    r"(?:en|of|and|or|in|van|bij|op|met|zonder|boven|onder|lateraal|mediaal|craniaal|caudaal|dorsaal|ventraal|werd|werden|is|zijn|meer|minder|dan|verdacht|suspect|of|ter|tot|volgens)(?!\w))"
)

# --- where a line ends: a line feed that stands inside a sentence is a space

_AT_END = r"(?<![\w'])(?:%s)$"
# These end no line of a list: what they ask for stands on the next one, whatever that begins with.
_ARTICLES = "de|het|een|van|met|zonder|en|of|noch|der|ter|wegens|gezien|the|an|of|and|or|nor|with|without|for|from|to|versus|tegen|sinds|since|dan"
_SIGNS = r"geen (?:\w+ )?(?:aanwijzing|aanwijzingen|aanw|tekenen|verdenking|verd|bewijs|argumenten|sprake|evid)(?: (?:voor|van|op))?|no (?:\w+ )?(?:evidence|signs?|suspicion)"
OPEN_END = re.compile(_AT_END % f"{_ARTICLES}|{_SIGNS}|niet (?:verdacht|suspect)(?: voor)?")
# These neither, where the next line is no new sentence. "Tepelvloed: geen" and "links niet" are answers.
_PREPOSITIONS = "in|op|bij|voor|aan|uit|na|naar|tot|over|om|door|onder|boven|naast|tussen|tijdens|volgens|rond|per|at|on|by|after|between|dat|die|als|indien|wanneer|waarvoor|waarbij|that|which"
_AUXILIARIES = "werd|werden|wordt|worden|is|zijn|was|waren|lijkt|lijken|kan|kon|kunnen|konden|heeft|hebben|had|has|have|been|be|were|are|can|could|may"
_ABBREVIATED = r"evt|resp|ivm|wgs|ihkv|i\.v\.m|i\.h\.k\.v|t\.o\.v|n\.a\.v|t\.h\.v|aanw|verd|susp|waarsch|mgl|st|st\.n|mw|dhr"
_ADJECTIVES = r"\w+(?:ige|ische|euze|aire|ale|ende|elijke|bare|achtige|loze|zijdige|ieve|ele|ante|ente)|linker|rechter|left|right|nieuwe|grote|kleine|harde|rode"
LEANING_END = re.compile(
    rf"{_AT_END % f'{_PREPOSITIONS}|{_AUXILIARIES}|{_ADJECTIVES}|{_ABBREVIATED}|nooit|never|ontkent|denies|denied|verdacht|suspect|suspicious|passend|wijzend|negatief voor'}|,$"
    r"|(?:^|[^:=\s\-]\s)(?:(?<!links )(?<!rechts )(?<!left )(?<!right )(?:niet|not)|(?:nu |thans |ook |er |heeft )?(?:geen|no|kein|keine|keinen|keiner|ohne))$|^(?:geen|niet|no|not|kein\w*|ohne)$"
)
# So does a line that begins with these.
CONTINUES = re.compile(
    rf"(?:(?:en|of|noch|and|or|nor|{_AUXILIARIES})\s|niet (?:gezien|aangetoond|zichtbaar|aanwezig|vastgesteld|gevonden|aantoonbaar)(?!\w))"
)
# A bullet, a number, a name with its value or a heading begins a line of its own.
BEGINS_A_LINE = re.compile(
    r"[-*+>\u2022\u00b7\u25aa\u25e6\u2023\u25cf\u25cb\u25a0\u25a1]|\d{1,2}[.)]\s|[a-zA-Z]\)\s|[^\s:.,;][^:.,;]{0,40}:(?:\s|$)"
)
ANSWER_ALONE = re.compile(
    r"(?:ja|nee|geen|afwezig|aanwezig|negatief|positief|niet aanwezig|niet gezien|yes|no|none|absent|present|negative|positive)\.?"
)
# A word that is broken at a line end; "ER-" and "knobbel -" are answers.
BROKEN_BEFORE = re.compile(r"(?P<word>[^\W\d_]+)-$")
BROKEN_BEHIND = re.compile(r"(?P<word>[^\W\d_]+)(?!\w*\s*[+:=(]|\w*\s*-(?:\s|$))")
HANGS = {"en", "of", "and", "or", "tot", "noch", "resp"}
HYPHENATED = {"niet", "non", "not", "bi", "pet", "fdg", "fes", "spect", "mri", "mr", "ct", "x"}

# --- denial

# These deny what follows them in their part of the sentence ...
DENIES_AHEAD = _phrases(
    "geen verdenking op | geen verdenking | niet verdacht voor | niet verdacht | niet suspect voor | niet suspect | niet susp | niet verd | geen aanwijzing* voor | geen tekenen van",
    "niet wijzend op | niet passend bij | geen | zonder | noch | nooit | ontkent | afwezigheid van | negatief voor | not suspicious for | not suspicious of | not suggestive of",
    "uninvolved by | not involved by | kein | keine | keinen | keiner | ohne",
    "no suspicion of | no evidence of | no sign of | neither | nor | no | without | denies | denied | never | negative for | absence of",
    after=r"(?![a-z])(?! bezwaar)",
)
# ... until one of these takes it back.
AFFIRMS = re.compile(
    r"(?<![a-z])(?:wel|met|with|behalve|except)(?![a-z])|,\s*(?:links|rechts|linker\w*|rechter\w*|left|right)(?![a-z])"
)
# An enumeration that is denied goes on over its commas.
ENUMERATES = _phrases("of | noch | or | nor")
# These deny only the word that follows at once: "niet spontaan", "niet uit één melkgang", "niet met FDG".
DENIES_NEXT = re.compile(r"(?<![a-z])(?:niet|not|non)[\s\-]+(?:uit\s|via\s|met\s|from\s|with\s)?$")
# An examination or treatment that did not take place.
_NOT_DONE = "niet verricht | niet uitgevoerd | niet gemaakt | afgezegd | geannuleerd | not performed | not done | cancelled"
_SIDE = r"(?:links|rechts|beiderzijds|li|re|bdz|left|right)?"
_SCAN = rf"(?:\s*[/\-]\s*(?:ct|mri?|scan)(?![a-z]))?(?:\s*\([^)]*\))?\s*{_SIDE}\s*"  # "PET" said of a "PET/CT (FDG)"
NOT_DONE = _phrases(_NOT_DONE, before=rf"^{_SCAN}:?\s*(?:(?:werd|is|was|were)\s)?")
# Verbs between a finding and its denial ("metastasen zijn thans niet zichtbaar"), and what may stand beside them.
_VERB = (
    r"(?:(?:werd|werden|wordt|worden|is|zijn|was|waren|were|are|has been|have been|lijkt|lijken|kan worden|kon worden|kunnen worden|konden worden|kan|kon|kunnen|konden|"
    r"can be|could be|can|could)\s)?(?:(?:er|nu|thans|ook|hier|verder|eveneens|elders|daarbij|momenteel|vooralsnog|echografisch|mammografisch|currently|now|also)\s){0,2}"
)
_UNSEEN = (
    "niet gezien | niet zichtbaar | niet aangetoond | niet aantoonbaar | niet vastgesteld | niet gevonden | niet waargenomen | niet waarneembaar | niet te zien | niet geidentificeerd"
    " | niet herkenbaar | niet afgrensbaar | not seen | not identified | not visible | not visualised | not visualized | not demonstrated | not detected | not found | not shown | not evident | not apparent | not present"
    " | niet worden aangetoond | niet worden gezien | niet worden vastgesteld | niet worden gevonden | not be demonstrated | not be seen | not be identified | not be detected | cannot be demonstrated | cannot be seen | cannot be identified"
)
# An answer behind the word denies it: "tepelvloed: nee", "werd niet gezien", "retractie (-)".
DENIES_BEFORE = _phrases(
    "afwezig | nee | geen | negatief | ontkend | uitgesloten | niet aanwezig | onwaarschijnlijk | niet waarschijnlijk | kein | keine | nicht nachweisbar",
    "absent | no | none | nil | neg | negative | denied | excluded | ruled out | unlikely | not likely",
    _UNSEEN,
    before=rf"^\s*{_SIDE}\s*[:=]?\s*{_VERB}",
)
# "Metastasen in de lever uitgesloten": these deny over the place of the finding too.
DENIES_WITH_PLACE = _phrases(
    "afwezig | uitgesloten | onwaarschijnlijk | absent | excluded | ruled out | unlikely",
    _UNSEEN,
    before=rf"^\s(?:in|van|aan|of|op|elders|ter plaatse van|ter hoogte van)\s(?:(?!niet|not)\w+\s){{0,3}}?{_VERB}",
)
# "Botmetastasen en levermetastasen werden niet gezien": a verb in the plural denies all that stands before it in the enumeration.
DENIES_OVER_LIST = _phrases(
    _UNSEEN,
    before=r"^(?:,\s[\w\-]+){0,3},?\s(?:en|of|noch|and|or|nor)\s(?:(?!(?:niet|not|wel|geen|de|het|een|met|the|a|with)\b)[\w\-]+\s){1,2}(?:werden|worden|zijn|waren|konden|kunnen|were|are|have been|could|can)\s(?:(?:er|nu|thans|ook|hier|verder|eveneens|elders)\s){0,2}",
)
MINUS = re.compile(r"^\s*(?:\(\s*-\s*\)|:?\s*-(?=\s*(?:[,)]|$)))")
# "Sereuze, geen bloederige tepeluitvloed": the noun belongs to the first adjective too.
SHARED_NOUN = re.compile(r"^[a-z]+e,\s*(?:geen|niet|no|not)\s+[a-z]+\s+$")
SHARED_NOUN_AHEAD = re.compile(r"^[a-z]+e,\s*(?:geen|niet|no|not)\s+[a-z]+\s+[a-z]")
# A part that denies something says nothing of the side of what is there; "niet-bloederig" denies no more than a colour.
DENIES_SIDE = re.compile(
    r"(?<![a-z])(?:geen|zonder|no|none|without)(?![a-z])"
    r"|(?<![a-z])(?:links|rechts|left|right)\s+(?:niet|not)(?![a-z])(?!\s(?:uit te sluiten|uitgesloten|worden uitgesloten|excluded))"
    r"|(?<![a-z])(?:niet|not)\s+(?:links|rechts|left|right)(?![a-z])"
)
# "Tepelvloed rechts, links droog", "left breast normal": the other side, named to say that it has nothing.
NORMAL_SIDE = re.compile(
    r"(?<![a-z])(?:links|rechts|linker\w*|rechter\w*|left|right)\s*:?\s+(?:(?!(?:bij|met|en|niet|and|not|with)\b)\w+\s+){0,3}?"
    r"(?:normaal|onopvallend|droog|gaaf|uitgesloten|normal|unremarkable|dry|clear|excluded|ruled out|bi[\s\-]?rads [12])(?=\s*(?:$|\)|\s(?:en|and)\s))"
)

# --- doubt

DOUBT = _phrases(
    "mogelijk* | misschien | waarschijnlijk* | verdacht* | verdenking | vermoed* | differentiaal* | dd | cave | onduidelijk* | twijfel*",
    "verd | susp | suspect* | mgl | mogl | waarsch | uitsluiten | uitsluiting | niet uit te sluiten | niet uitgesloten | niet worden uitgesloten | te denken aan | dan wel",
    "possible | possibly | probable | probably | likely | suspect* | suspicion | suspicious | questionable | query | rule out | r/o",
    "cannot exclude | not be excluded | cannot be excluded | not excluded | not be ruled out | cannot be ruled out | not ruled out",
    "may represent | may reflect | could represent | might represent",
)
# A denial of the doubt itself.
CLEAR = re.compile(
    r"(?<![a-z])(?:(?:geen|zonder|no|without)\s(?:(?!(?:wel|met|maar|behalve|with|but|except)\b)[\w/\-]+\s){0,4}(?:verdenking|verdachte?|suspecte?|suspicion|suspicious|verd|susp)"
    r"|niet (?:verdacht|suspect|susp|verd|waarschijnlijk)|not (?:suspicious|likely|suspected))(?![a-z])"
)
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
PAST_AFTER = _phrases(
    "in het verleden | verdwenen | gestopt | opgehouden | nu over | resolved | stopped | no longer"
)
# The same, up to the next comma: "mammacarcinoom links, astma in de voorgeschiedenis" puts no cancer in the past.
IN_HISTORY = _phrases(
    "in de voorgeschiedenis | in voorgeschiedenis | in de vg | in vg | in the past"
)
# "Tepelvloed gehad, nu 4 weken niet meer": a part of its own that says so; "werkt niet meer" does not.
NO_MORE = re.compile(
    r"(?:^|[,(])\s*(?:nu|thans|inmiddels|sinds)(?:\s\w+){0,3}\sniet meer(?:\s(?:aanwezig|zichtbaar|gezien|opgetreden))?\s*(?=$|[,)])"
)
# What was done already is not what is asked for.
DONE_ALREADY = re.compile(
    r"^\s*(?:is|zijn|werd|was|were)?\s*(?:al|reeds|already)\s(?:gedaan|verricht|gemaakt|done|performed)(?![a-z])"
)
# An examination that is still to come, or did not take place; its region may stand between ("MRI mamma volgt").
TO_FOLLOW = _phrases(
    "volgt | volgen | to follow | nog te verrichten | nog te maken",
    _NOT_DONE,
    before=rf"^{_SCAN}(?:(?!(?:en|and|met|with)\b)\w+\s+){{0,2}}?(?:(?:werd|is|was|were)\s)?",
)
# A heading that puts its whole clause elsewhere in time; otherwise such a word reaches to the next comma.
PAST_HEADING = re.compile(
    r"^(?:vergelijking|comparison|voorgeschiedenis|vg|history|(?:vorig\w*|eerder|prior|previous)(?: \w+)?)\s*:"
)
# A relative.
RELATIVE = _phrases(
    "famil* | moeder | zus | zuster | tante | oma | grootmoeder | dochter",
    "mother | sister | aunt | grandmother | daughter",
)
RELATIVE_HEADING = re.compile(r"^(?:famil\w*|family[a-z ]*)\s*:")
# Clinical data and questions tell of before the examination, up to where the answer begins.
CLINICAL_DATA = re.compile(
    r"^(?:klinische? (?:gegevens|informatie|vraag)|indicatie|vraagstelling|reden|anamnese|clinical|indication|reason)\b[^:]*:"
)
ANSWER = re.compile(r"(?<![a-z])(?:conclusie|antwoord|impression|bi[\s\-]?rads)")

# --- side

_BREAST = r"(?:borst|mamma|tepel|breast|nipple|brust)"
# A single letter is a side beside a breast, before a colon, in brackets and at the end.
_LETTER = (
    rf"{{0}}(?=\.?\s+{_BREAST}|\s*:|$)|\({{0}}\)|(?<=mamma ){{0}}|(?<=borst ){{0}}|(?<=tepel ){{0}}"
)
LEFT = re.compile(rf"(?<![a-z])(?:links\w*|linke\w*|left|li|lt|{_LETTER.format('l')})(?![a-z])")
RIGHT = re.compile(
    rf"(?<![a-z])(?:rechts\w*|rechte\w*|right|rt|re(?![\w-])|{_LETTER.format('r')})(?![a-z])"
)
BOTH = re.compile(
    r"(?<![a-z])(?:beiderzijds|beide (?:borsten|mammae|zijden|kanten|tepels)|bilatera\w*|dubbelzijdig\w*|tweezijdig\w*|beidseit\w*|bdz|bds|"
    r"(?:l|li)\s?[+/&>]\s?(?:r|re)|(?:r|re)\s?[+/&>]\s?(?:l|li)|(?:both|either) (?:breasts?|sides?|nipples?))(?![a-z])"
)
