"""What the context rules cannot say as a phrase: where sentences and lines end, what may stand between a mention and what is said
of it, sides. Each pattern with its reason.

Texts are matched folded: lower case, without accents.
"""

import re

# --- where a clause ends

# At a full stop or question mark before a space, at ; and line ends, and where the sentence turns.
CLAUSE_END = re.compile(
    r"\.(?=\s|$)|(?<=\?)(?=\s|$)|[;\n\r!]|(?<![a-z])(?:maar|echter|but|however)(?![a-z])"
)


ABBREVIATION = re.compile(r"(?<![\w.])(?P<word>[A-Za-z][A-Za-z.]{0,9})\.(?P<blank>\s+)(?=\S)")
# "Tekenen v. maligniteit", "ter pl. van": a word that is one only behind these.
SHORT_BEHIND = re.compile(
    r"(?:(?:tekenen|tek\.?|sprake|beeld|aanwijzing(?:en)?|aanw\.?|verd\.?|verdenking|evid\.?|evidentie|bewijs|suggestie)\s+v|ter\s+pl)$",
    re.IGNORECASE,
)
GOES_ON = re.compile(
    r"(?:borst(?!\w)|mamma(?:e|ca\w*|carc\w*)?(?!\w)|tepels?(?!\w)|breast|nipple|brust|oksel|axilla|long(?!\w)|nier|lever(?!\w)|heup|been(?!\w)|arm(?!\w)|"
    r"\d|(?:vi|iv|v|iii|ii|i)\s?[abc]?(?!\w)|niet te beoordelen|niet beoordeelbaar|not assessable|bi[\s\-]?rads|birads|"
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

# "Geen knobbel links, rechts wel": another side behind a comma takes a denial back too.
OTHER_SIDE = r",\s*(?:links|rechts|linker\w*|rechter\w*|left|right)(?![a-z])"
# These deny only the word that follows at once: "niet spontaan", "niet uit één melkgang", "niet met FDG".
DENIES_NEXT = re.compile(r"(?<![a-z])(?:niet|not|non)[\s\-]+(?:uit\s|via\s|met\s|from\s|with\s)?$")
# What may stand between a mention and what is said of it behind.
_SIDE = r"(?:links|rechts|beiderzijds|li|re|bdz|left|right)?"
_SCAN = rf"(?:\s*[/\-]\s*(?:ct|mri?|scan)(?![a-z]))?(?:\s*\([^)]*\))?\s*{_SIDE}\s*"  # "PET" said of a "PET/CT (FDG)"
# Verbs between a finding and its denial ("metastasen zijn thans niet zichtbaar"), and what may stand beside them.
_VERB = (
    r"(?:(?:werd|werden|wordt|worden|is|zijn|was|waren|were|are|has been|have been|lijkt|lijken|kan worden|kon worden|kunnen worden|konden worden|kan|kon|kunnen|konden|"
    r"can be|could be|can|could)\s)?(?:(?:er|nu|thans|ook|hier|hiermee|daarmee|derhalve|dus|zeer|erg|verder|eveneens|elders|daarbij|momenteel|vooralsnog|echografisch|mammografisch|currently|now|also)\s){0,2}"
    r"(?:(?:op|bij|in|met|on|in)\s(?:dit|deze|dat|het|de|this|the)\s\w+\s)?"
)
# What a note calls the procedure that it is written at ("ingreep niet doorgegaan", "wegens pijn afgebroken").
THE_PROCEDURE = re.compile(
    r"^(?:(?:de|het|the)\s)?(?:(?:ingreep|procedure|onderzoek|operatie|poging|behandeling|scopie|canulatie|cannulatie|sondering|dilatatie|introductie|gang|tepelgang|ductus|mri|mammografie|mammogram|echo|echografie|scan|ct|pet|\w*scopie|\w*scopy|biopsie|punctie|attempt|examination)\s(?:(?:links|rechts|li|re|left|right)\s)?)?"
    r"(?:(?:wegens|vanwege|ivm|i\.v\.m|door|because of|due to)\s(?:\w+\s){1,4}?)?(?:(?:is|was|werd|bleek|helaas|vandaag|technisch|toch)\s){0,3}$"
)
# "Tepelvloed: nee", "werd niet gezien", "retractie (-)".
ANSWER_BEHIND = rf"^\s*{_SIDE}\s*[:=]?\s*(?:(?:verdachte?|suspecte?|suspicious)\s\w+\s)?{_VERB}"
# "Metastasen in de lever uitgesloten": over the place of the finding.
PLACE_BETWEEN = rf"^\s(?:in|van|aan|of|op|elders|ter plaatse van|ter hoogte van)\s(?:(?!niet|not)\w+\s){{0,3}}?{_VERB}"
# "Botmetastasen en levermetastasen werden niet gezien": a verb in the plural denies all that stands before it in the enumeration.
LIST_BETWEEN = (
    r"^(?:,\s[\w\-]+){0,3},?\s(?:en|of|noch|and|or|nor)\s(?:(?!(?:niet|not|wel|geen|de|het|een|met|the|a|with)\b)[\w\-]+\s){1,2}"
    r"(?:werden|worden|zijn|waren|konden|kunnen|were|are|have been|could|can)\s(?:(?:er|nu|thans|ook|hier|verder|eveneens|elders)\s){0,2}"
)
# "MRI links werd niet gemaakt".
RIGHT_BEHIND = rf"^{_SCAN}:?\s*(?:(?:werd|is|was|were)\s)?"
# "MRI mamma volgt": its region may stand between.
REGION_BETWEEN = rf"^{_SCAN}(?:(?!(?:en|and|met|with)\b)\w+\s+){{0,2}}?(?:(?:werd|is|was|were)\s)?"
# "Sinds vorige week" is now.
NOT_SINCE = r"(?<![a-z])(?<!sinds )(?<!since )"
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

# "Niet met zekerheid uit te sluiten", "not entirely excluded": what may stand between is as rich as the language.
NOT_EXCLUDED = re.compile(
    r"(?<![a-z])(?:niet|not|cannot|onvoldoende)\s(?:[a-z]+\s){0,4}?(?:uit te sluiten|uitgesloten|uitsluiten|excluded?|ruled out|rule out)(?![a-z])"
)
# A denial of the doubt itself.
CLEAR = re.compile(
    r"(?<![a-z])(?:(?:geen|zonder|no|without)\s(?:(?!(?:wel|met|maar|behalve|with|but|except)\b)[\w/\-]+\s){0,4}(?:verdenking|verdachte?|suspecte?|suspicion|suspicious|verd|susp)"
    r"|niet (?:verdacht|suspect|susp|verd|waarschijnlijk)|not (?:suspicious|likely|suspected))(?![a-z])"
)
# "Bij koorts, roodheid of zwelling contact opnemen": for when it would happen.
FOR_WHEN_IT_HAPPENS = re.compile(
    r"(?:bij|indien|als|wanneer|in geval van|if|in case of)\s[^;]{1,200}?(?<![a-z])(?:contact|bel|bellen|terug|terugkomen|retour|call|return|come back)(?![a-z])"
)
# "Botmetastasen bij mammacarcinoom": what is said of the one is not said of the other; "passend bij" goes on.
BESIDE = re.compile(r"(?<!passen)(?<!passend)(?<!passende)(?<!past)(?<!retour)(?<!terug) bij ")
ADVICE_BEHIND = re.compile(r"(?<![a-z])(?:terugkomen|contact opnemen)$")

# --- another time, another person

UNTIL_YEAR = re.compile(r"(?<![a-z])tot \d{4}")
# "Tepelvloed gehad, nu 4 weken niet meer": a part of its own that says so; "werkt niet meer" does not.
NO_MORE = re.compile(
    r"(?:^|[,(])\s*(?:nu|thans|inmiddels|sinds)(?:\s\w+){0,3}\sniet meer(?:\s(?:aanwezig|zichtbaar|gezien|opgetreden))?\s*(?=$|[,)])"
)
# What was done already is not what is asked for.
DONE_ALREADY = re.compile(
    r"^\s*(?:is|zijn|werd|was|were)?\s*(?:al|reeds|already)\s(?:gedaan|verricht|gemaakt|done|performed)(?![a-z])"
)
# A heading that puts its whole clause elsewhere in time; otherwise such a word reaches to the next comma.
PAST_HEADING = re.compile(
    r"^(?:vergelijking|comparison|voorgeschiedenis|vg|history|(?:vorig\w*|eerder|prior|previous)(?: \w+)?)\s*:"
)
RELATIVE_HEADING = re.compile(r"^(?:famil\w*|family[a-z ]*)\s*:")
# A category answers the question of a report, whatever heading it stands under.
BIRADS = re.compile(r"(?<![a-z])bi[\s\-]?rads")

# --- side

_BREAST = r"(?:borst|mamma|tepel|breast|nipple|brust)"
# A single letter is a side beside a breast, before a colon, in brackets and at the end.
_LETTER = (
    rf"{{0}}(?=\.?\s+{_BREAST}|\s*:|$)|\({{0}}\)|(?<=mamma ){{0}}|(?<=borst ){{0}}|(?<=tepel ){{0}}"
)
LEFT = re.compile(
    rf"(?<![a-z])(?:links\w*|linke\w*|left|li|lt|sinistra|sinister|{_LETTER.format('l')})(?![a-z])"
)
RIGHT = re.compile(
    rf"(?<![a-z])(?:rechts\w*|rechte\w*|right|rt|dextra|dexter|re(?![\w-])|{_LETTER.format('r')})(?![a-z])"
)
BOTH = re.compile(
    r"(?<![a-z])(?:beiderzijds|beide (?:borsten|mammae|zijden|kanten|tepels)|bilatera\w*|dubbelzijdig\w*|tweezijdig\w*|beidseit\w*|bdz|bds|"
    r"(?:l|li)\s?[+/&>]\s?(?:r|re)|(?:r|re)\s?[+/&>]\s?(?:l|li)|(?:both|either) (?:breasts?|sides?|nipples?))(?![a-z])"
)
