"""Words for complaints and situations: mastitis, signs of the breast, fever, pregnancy, and what calls for haste."""

from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .building import (
    BREAST,
    ICD10,
    ICD10CM,
    ICPC,
    ICPC2,
    LOINC,
    OWN,
    SNOMED,
    body_site,
    choice,
    concept,
    condition,
    dialect,
    in_category,
    observation,
    procedure,
    where,
    with_side,
)

_MASTITIS = {  # text, codes
    "plain": (
        "Mastitis",
        {
            "snomed": (SNOMED, "45198002", "Mastitis"),
            "icd10": (ICD10, "N61", "Inflammatory disorders of breast"),
            "icd10cm": (ICD10CM, "N61.0", "Mastitis without abscess"),
        },
    ),
    "non_puerperal": (
        "Niet-puerperale mastitis",
        {
            "snomed": (SNOMED, "198100003", "Acute non-puerperal mastitis"),
            "icd10": (ICD10, "N61", "Inflammatory disorders of breast"),
        },
    ),
    "lactational": (
        "Mastitis puerperalis",
        {
            "snomed": (SNOMED, "700038005", "Mastitis associated with lactation"),
            "icd10": (ICD10, "O91.2", "Nonpurulent mastitis associated with childbirth"),
            "icpc": (ICPC2, "W94", None),
        },
    ),
    "granulomatous": (
        "Granulomateuze mastitis",
        {
            "snomed": (SNOMED, "237444008", "Granulomatous mastitis"),
            "icd10": (ICD10, "N61", "Inflammatory disorders of breast"),
        },
    ),
    "abscess": (
        "Mamma-abces",
        {
            "snomed": (SNOMED, "28432003", "Abscess of breast"),
            "icd10": (ICD10, "N61", "Inflammatory disorders of breast"),
        },
    ),
    "unnamed": ("Rode, gezwollen borst", {"icpc": (ICPC, "X21", None)}),
}
_SIGNS = {  # text, code
    "peau_dorange": ("Peau d'orange", (SNOMED, "87386002", "Peau d'orange surface of breast")),
    "oedema": ("Oedeem van de borst", (SNOMED, "290077003", "Edema of breast")),
    "erythema": ("Roodheid van de borst", (SNOMED, "247441003", "Erythema")),
    "discoloration": (
        "Huidverkleuring borst",
        (SNOMED, "290069002", "Discoloration of skin of breast"),
    ),
    "warmth": ("Warme borst", (OWN, "warm-breast", None)),
    "itch": ("Jeuk van de borst", (SNOMED, "418363000", "Itching of skin")),
    "heaviness": ("Zwaar gevoel in de borst", (OWN, "heavy-breast", None)),
    "swelling": ("Zwelling van de borst", (OWN, "swollen-breast", None)),
}
_ALARM = {  # name of the resource, text, code of our own
    "bone-pain": "Pijnlijke botmetastase",
    "neurological-deficit": "Neurologische uitval",
    "fracture-risk": "Dreigende pathologische fractuur",
    "spinal-cord-compression": "Myelumcompressie",
    "rapid-progression": "Snelle ziekteprogressie",
    "visceral-crisis": "Viscerale crisis",
    "marrow-failure": "Beenmergfalen door metastasering",
    "endocrine-failure": "Progressie onder endocriene therapie",
}


def mastitis(
    write: Writer,
    *,
    kind: str = "plain",
    side: str = "none",
    side_in: str | None = None,
    coded: str | None = None,
    text: str | None = None,
    **course: Any,
) -> Resource:
    """Mastitis. kind: plain, non_puerperal, lactational, granulomatous, abscess or unnamed (a red, swollen breast); coded: snomed, icd10,
    icd10cm (plain), icpc (lactational: W94 of ICPC-2; unnamed: X21) or none; text; onset, recorded, clinical... as in `condition`."""
    usual, codes = choice("kind", kind, _MASTITIS)
    code = dialect(coded, codes)
    side_in = where(side_in, code)
    return condition(
        write,
        "mastitis",
        concept(code, text=text or with_side(usual, side, side_in)),
        side,
        side_in,
        **course,
    )


def breast_sign(
    write: Writer,
    *,
    sign: str,
    side: str = "none",
    side_in: str | None = None,
    coded: str | None = None,
    text: str | None = None,
    extent: str | None = None,
    as_: str = "Condition",
    date: str | None = None,
    present: bool = True,
    status: str | None = None,
    **course: Any,
) -> Resource:
    """A sign of the breast. sign: peau_dorange, oedema, erythema, discoloration, warmth, itch, heaviness or swelling; extent: in words ("een
    derde van de borst"); coded: none for words only; as: Condition (onset, recorded, clinical... as in `condition`) or Observation
    (date, present: yes or no, status, onset as its date); text."""
    usual, snomed = choice("sign", sign, _SIGNS)
    code = dialect(coded, {"snomed": snomed})
    side_in = where(side_in, code)
    words = text or with_side(usual, side, side_in) + (
        f", {extent}" if extent and as_ == "Condition" else ""
    )
    about = concept(code, text=words)
    # "Erythema" does not name the breast: its site does, also where the side is not known.
    place = body_site(side, side_in) or (concept(BREAST) if code and side_in != "text" else None)
    if as_ == "Observation":
        detail = (
            [{"code": concept((OWN, "extent", None), text="Uitgebreidheid"), "valueString": extent}]
            if extent
            else None
        )
        day = date or course.pop("onset", None)
        told = in_category("exam") | {
            "bodySite": place,
            "valueBoolean": present,
            "component": detail,
        }
        return observation(write, "sign", about, told, date=day, status=status, **course)
    choice("as", as_, ("Condition", "Observation"))
    written = condition(write, "sign", about, side, side_in, site=None, **{"onset": date} | course)
    return written | ({"bodySite": [place]} if place else {})


def fever(
    write: Writer,
    *,
    present: bool = True,
    date: str | None = None,
    as_: str = "Observation",
    coded: str | None = None,
    text: str | None = None,
    **course: Any,
) -> Resource:
    """Fever. present: yes or no; as: Observation (date, status), or Condition (no: refuted); coded: snomed or none; text."""
    about = concept(
        dialect(coded, {"snomed": (SNOMED, "386661006", "Fever")}),
        text=text or ("Koorts" if present or coded != "none" else "Geen koorts"),
    )
    if as_ == "Observation":
        return observation(
            write,
            "fever",
            about,
            {"valueBoolean": present if coded != "none" else None},
            date=date,
            **course,
        )
    choice("as", as_, ("Observation", "Condition"))
    return condition(
        write,
        "fever",
        about,
        "none",
        "text",
        **{"onset": date, "verification": "confirmed" if present else "refuted"} | course,
    )


def pregnancy(
    write: Writer,
    *,
    date: str | None = None,
    ended: str | None = None,
    as_: str = "Condition",
    coded: str | None = None,
    text: str | None = None,
    **course: Any,
) -> Resource:
    """Pregnancy since `date`. as: Condition (ended: the date it ended -> resolved; coded: snomed, icd10cm, icpc or none; the rest as in
    `condition`), or Observation (coded: nlcore or loinc; the value in words: zwanger, or niet zwanger with status_now: no)."""
    if as_ == "Observation":
        codes: dict[str, tuple] = {
            "nlcore": (SNOMED, "118185001", "Finding related to pregnancy"),
            "loinc": (LOINC, "82810-3", "Pregnancy status"),
        }
        now = course.pop("status_now", True)
        value = concept(
            (SNOMED, "77386006", "Pregnant") if now else None,
            text="zwanger" if now else "niet zwanger",
        )
        return observation(
            write,
            "pregnancy",
            concept(dialect(coded, codes), text=text or "Zwangerschap"),
            {"valueCodeableConcept": value},
            date=date,
            **course,
        )
    choice("as", as_, ("Condition", "Observation"))
    codes = {
        "snomed": (SNOMED, "77386006", "Pregnant"),
        "icd10cm": (ICD10CM, "Z33.1", "Pregnant state, incidental"),
        "icpc": (ICPC, "W78", None),
    }
    over = {"abated": ended, "clinical": "resolved"} if ended else {}
    return condition(
        write,
        "pregnancy",
        concept(dialect(coded, codes), text=text or "Zwangerschap"),
        "none",
        "text",
        **{"onset": date} | over | course,
    )


def lactation(
    write: Writer,
    *,
    date: str | None = None,
    ended: str | None = None,
    present: bool = True,
    as_: str = "Condition",
    coded: str | None = None,
    text: str | None = None,
    **course: Any,
) -> Resource:
    """Breastfeeding since `date`. as: Condition (ended: a date -> resolved; coded: snomed or none), or Observation (coded: loinc or none;
    present: yes -> currently breastfeeding, no -> in words)."""
    if as_ == "Observation":
        code = dialect(coded, {"loinc": (LOINC, "63895-7", "Breastfeeding status")})
        answer = concept(
            (LOINC, "LA29252-6", "Currently breastfeeding") if present and code else None,
            text="geeft borstvoeding" if present else "geeft geen borstvoeding",
        )
        return observation(
            write,
            "lactation",
            concept(code, text=text or "Borstvoeding"),
            {"valueCodeableConcept": answer},
            date=date,
            **course,
        )
    choice("as", as_, ("Condition", "Observation"))
    code = dialect(coded, {"snomed": (SNOMED, "413712001", "Breastfeeding (mother)")})
    over = {"abated": ended, "clinical": "resolved"} if ended else {}
    return condition(
        write,
        "lactation",
        concept(code, text=text or "Borstvoeding"),
        "none",
        "text",
        **{"onset": date} | over | course,
    )


def delivery(
    write: Writer,
    *,
    date: str,
    as_: str = "Condition",
    coded: str | None = None,
    text: str = "Bevalling",
    **course: Any,
) -> Resource:
    """A delivery on `date`. as: Condition (coded: icpc or none; resolved since), or Procedure (coded: own or none)."""
    if as_ == "Procedure":
        return procedure(
            write,
            "delivery",
            {"own": (OWN, "delivery", None)},
            text,
            date=date,
            coded=coded,
            **course,
        )
    choice("as", as_, ("Condition", "Procedure"))
    code = dialect(coded, {"icpc": (ICPC, "W90", None)})
    return condition(
        write,
        "delivery",
        concept(code, text=text),
        "none",
        "text",
        **{"onset": date, "clinical": "resolved"} | course,
    )


def pain_bone(write: Writer, **options: Any) -> Resource:
    """A painful bone metastasis; options as in `alarm`."""
    return alarm(write, "bone-pain", **options)


def neurological_deficit(write: Writer, **options: Any) -> Resource:
    """Neurological deficit; options as in `alarm`."""
    return alarm(write, "neurological-deficit", **options)


def fracture_risk(write: Writer, **options: Any) -> Resource:
    """An impending pathological fracture; options as in `alarm`."""
    return alarm(write, "fracture-risk", **options)


def spinal_cord_compression(write: Writer, **options: Any) -> Resource:
    """Compression of the spinal cord; options as in `alarm`."""
    return alarm(write, "spinal-cord-compression", **options)


def rapid_progression(write: Writer, **options: Any) -> Resource:
    """Rapid progression of the disease; options as in `alarm`."""
    return alarm(write, "rapid-progression", **options)


def visceral_crisis(write: Writer, **options: Any) -> Resource:
    """Extensive visceral disease; options as in `alarm`."""
    return alarm(write, "visceral-crisis", **options)


def marrow_failure(write: Writer, **options: Any) -> Resource:
    """Failure of the bone marrow; options as in `alarm`."""
    return alarm(write, "marrow-failure", **options)


def endocrine_failure(write: Writer, **options: Any) -> Resource:
    """Progression under endocrine therapy; options as in `alarm`."""
    return alarm(write, "endocrine-failure", **options)


def alarm(
    write: Writer,
    name: str,
    /,
    *,
    coded: str | None = None,
    text: str | None = None,
    as_: str = "Condition",
    site: str | None = None,
    date: str | None = None,
    present: bool = True,
    status: str | None = None,
    **course: Any,
) -> Resource:
    """coded: own or none; text; site: a key of SITES (spine, bone...) as bodySite; date; present: no -> a refuted Condition, or an
    Observation that says no; as: Condition (clinical... as in `condition`) or Observation (status)."""
    about = concept(dialect(coded, {"own": (OWN, name, None)}), text=text or _ALARM[name])
    if as_ == "Observation":
        told = in_category("exam") | {
            "bodySite": body_site("none", "bodySite", site),
            "valueBoolean": present,
        }
        return observation(write, name, about, told, date=date, status=status, **course)
    choice("as", as_, ("Condition", "Observation"))
    status_truth = {"onset": date, "verification": "confirmed" if present else "refuted"}
    return condition(write, name, about, "none", "bodySite", site=site, **status_truth | course)
