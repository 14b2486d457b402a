"""Words for complaints of the nipple and the breast, tissue, surgery of the milk ducts, and their orders."""

from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .breast_imaging import IMAGING, PAPILLOMA
from .building import (
    DICOM,
    ICD10,
    ICPC,
    OWN,
    SNOMED,
    body_site,
    choice,
    components,
    concept,
    condition,
    dialect,
    own,
    procedure,
    with_side,
)
from .ordering import order

DISCHARGE = {
    "finding": (SNOMED, "54302000", "Discharge from nipple"),
    "symptom": (SNOMED, "162164007", "Nipple discharge symptom"),
    "bloody": (SNOMED, "290113009", "Bloody nipple discharge"),
    "non-bloody": (DICOM, "111478", "Non-bloody discharge (from nipple)"),
    "galactorrhoea": (ICD10, "N64.3", "Galactorrhoea not associated with childbirth"),
    "lactation": (SNOMED, "200444007", "Galactorrhea in pregnancy and the puerperium"),
    "icpc": (ICPC, "X20", None),
    "none": None,
}
COLOURS: dict[
    str | None, tuple[str | None, str | None]
] = {  # as an adjective in a sentence, as a value on its own
    "bloody": ("bloederige", "bloederig"),
    "brown": ("bruine", "bruin"),
    "serous": ("sereuze", "sereus"),
    "milky": ("melkachtige", "melkachtig"),
    "clear": ("heldere", "helder"),
}

DUCT_SURGERY = {
    "microdochectomy": ((SNOMED, "237400005", "Microdochectomy"), "Microdochectomie"),
    "cone": ((SNOMED, "265255003", "Subareolar excision of mammillary duct"), "Conusexcisie"),
}
NIPPLE_SURGERY = DUCT_SURGERY | {
    "total_duct_excision_left": (
        (SNOMED, "736751004", "Total excision of lactiferous duct of left breast"),
        "Excisie melkgangen",
    ),
    "total_duct_excision_right": (
        (SNOMED, "736752006", "Total excision of lactiferous duct of right breast"),
        "Excisie melkgangen",
    ),
    "inverted_nipple_correction": (
        (SNOMED, "24093008", "Correction of inverted nipples"),
        "Correctie ingetrokken tepel",
    ),
    "reduction": ((SNOMED, "59214008", "Reduction mammoplasty"), "Borstverkleining"),
    "nipple_excision": ((SNOMED, "72577009", "Excision of nipple"), "Tepelexcisie"),
}


# --- complaints and findings


def discharge(
    write: Writer,
    *,
    side: str = "none",
    side_in: str = "bodySite",
    as_: str = "Condition",
    coded: str | None = None,
    colour: str | None = None,
    spontaneous: bool | None = None,
    ducts: str | None = None,
    text: str | None = None,
    date: str | None = None,
    present: bool = True,
    status: str = "final",
    **course: Any,
) -> Resource:
    """Nipple discharge. As Condition its properties stand in the text, as Observation (with `date`) in components.

    coded: finding, symptom, bloody, non-bloody, galactorrhoea, lactation, icpc or none; colour: a word of COLOURS or as a doctor
    would write it; spontaneous: yes or no; ducts: one or several; text: instead of the sentence made of these.
    onset, recorded, abated, clinical, verification: see `condition`.
    """
    adjective, noun = COLOURS.get(colour, (colour, colour))
    coded = coded or ("bloody" if colour == "bloody" else "finding")
    if as_ == "Observation":
        code = concept(
            choice("coded", coded, DISCHARGE),
            text=text or with_side("Tepeluitvloed", side, side_in),
        )
        return write(
            "Observation",
            "discharge",
            status=status,
            code=code,
            bodySite=body_site(side, side_in),
            effectiveDateTime=write.date(date),
            valueBoolean=present,
            component=components(
                (
                    "discharge-colour",
                    "Kleur tepeluitvloed",
                    "valueCodeableConcept",
                    noun and {"text": noun},
                ),
                ("discharge-spontaneous", "Spontane tepeluitvloed", "valueBoolean", spontaneous),
                (
                    "discharge-ducts",
                    "Aantal melkgangen met uitvloed",
                    "valueCodeableConcept",
                    ducts and {"text": _DUCTS[ducts]},
                ),
            ),
        )
    properties = [
        with_side(f"{adjective} tepeluitvloed" if adjective else "tepeluitvloed", side, side_in),
        None if spontaneous is None else "spontaan" if spontaneous else "niet spontaan",
        ducts and f"uit {_DUCTS[ducts]}",
    ]
    sentence = text or ", ".join(filter(None, properties)).capitalize()
    return condition(
        write,
        "discharge",
        concept(choice("coded", coded, DISCHARGE), text=sentence),
        side,
        side_in,
        **course,
    )


_DUCTS = {"one": "één melkgang", "several": "meerdere melkgangen"}


def nipple_retraction(
    write: Writer,
    *,
    side: str = "none",
    side_in: str = "bodySite",
    as_: str = "Condition",
    reducible: bool | None = None,
    date: str | None = None,
    **course: Any,
) -> Resource:
    """Nipple retraction; reducible (can be everted): yes, no or not recorded."""
    code, text = (
        (SNOMED, "271955004", "Retraction of nipple"),
        with_side("Tepelretractie", side, side_in),
    )
    if as_ == "Observation":
        return write(
            "Observation",
            "retraction",
            status="final",
            code=concept(code, text=text),
            bodySite=body_site(side, side_in),
            effectiveDateTime=write.date(date),
            component=components(
                ("retraction-reducible", "Tepelretractie reponeerbaar", "valueBoolean", reducible)
            ),
        )
    if reducible is not None:
        text += ", reponeerbaar" if reducible else ", niet reponeerbaar"
    return condition(write, "retraction", concept(code, text=text), side, side_in, **course)


def lump(
    write: Writer,
    *,
    side: str = "none",
    side_in: str = "bodySite",
    coded: str | None = None,
    text: str | None = None,
    **course: Any,
) -> Resource:
    """A lump in the breast. coded: snomed or none; text: another complaint of the breast in words ("Vetnecrose")."""
    code = concept(
        dialect(coded, {"snomed": (SNOMED, "89164003", "Breast lump")}),
        text=text or with_side("Knobbel in de borst", side, side_in),
    )
    return condition(write, "lump", code, side, side_in, **course)


def skin_change(
    write: Writer,
    *,
    side: str = "none",
    side_in: str = "bodySite",
    kind: str = "peau_dorange",
    **course: Any,
) -> Resource:
    """A change of the skin of the breast: peau_dorange or discoloration."""
    kinds = {
        "peau_dorange": (
            (SNOMED, "87386002", "Peau d'orange surface of breast"),
            "Sinaasappelhuid",
        ),
        "discoloration": (
            (SNOMED, "290069002", "Discoloration of skin of breast"),
            "Huidverkleuring borst",
        ),
    }
    code, text = choice("kind", kind, kinds)
    return condition(
        write,
        "skin-change",
        concept(code, text=with_side(text, side, side_in)),
        side,
        side_in,
        **course,
    )


def breast_pain(
    write: Writer, *, side: str = "none", side_in: str = "bodySite", **course: Any
) -> Resource:
    """Pain of the breast: a complaint beside which nothing else follows."""
    code = concept(
        (SNOMED, "53430007", "Pain of breast"), text=with_side("Pijn in de borst", side, side_in)
    )
    return condition(write, "breast-pain", code, side, side_in, **course)


def papilloma(
    write: Writer, *, side: str = "none", side_in: str = "bodySite", date: str
) -> Resource:
    """A papilloma seen on ultrasound, as a finding of its own."""
    return write(
        "Observation",
        "papilloma",
        status="final",
        code=concept(PAPILLOMA, text=with_side("Papilloom", side, side_in)),
        method=concept(IMAGING["ultrasound"]["plain"]),
        bodySite=body_site(side, side_in),
        effectiveDateTime=write.date(date),
        valueBoolean=True,
    )


# --- tissue and surgery


def tissue_diagnosis(
    write: Writer,
    *,
    result: str,
    side: str = "none",
    side_in: str = "bodySite",
    as_: str = "Observation",
    date: str | None = None,
    status: str = "final",
) -> Resource:
    """What the pathologist found: benign or malignant."""
    results = {
        "benign": own("benign", "Benigne"),
        "malignant": concept(
            (SNOMED, "82711006", "Infiltrating duct carcinoma"),
            text="Maligne: invasief ductaal carcinoom",
        ),
    }
    code, value = (
        own("tissue-diagnosis", with_side("Histologie mammabiopt", side, side_in)),
        choice("result", result, results),
    )
    if as_ == "DiagnosticReport":
        code["text"] = with_side("Histologie mammabiopt", side, "text")
        return write(
            "DiagnosticReport",
            "tissue",
            status=status,
            code=code,
            effectiveDateTime=write.date(date),
            conclusion=f"Conclusie: {value['text'].lower()}",
            conclusionCode=[value],
        )
    return write(
        "Observation",
        "tissue",
        status=status,
        code=code,
        bodySite=body_site(side, side_in),
        effectiveDateTime=write.date(date),
        valueCodeableConcept=value,
    )


def duct_surgery(write: Writer, *, kind: str = "microdochectomy", **options: Any) -> Resource:
    """Surgery of the milk ducts that was done: microdochectomy or cone."""
    return nipple_surgery(
        write, kind=choice("kind", kind, {kind: kind for kind in DUCT_SURGERY}), **options
    )


def nipple_surgery(
    write: Writer,
    *,
    kind: str = "microdochectomy",
    side: str = "none",
    side_in: str = "bodySite",
    date: str | None = None,
    status: str = "completed",
) -> Resource:
    """Surgery of the nipple-areola complex that was done; `kind` as in NIPPLE_SURGERY (some kinds name the side)."""
    code, text = choice("kind", kind, NIPPLE_SURGERY)
    return procedure(
        write, "surgery", code, text, side=side, side_in=side_in, date=date, status=status
    )


def ductoscopy(
    write: Writer,
    *,
    side: str = "none",
    side_in: str = "bodySite",
    date: str | None = None,
    status: str = "completed",
) -> Resource:
    """A ductoscopy that was done."""
    return procedure(
        write,
        "ductoscopy",
        _OWN_DUCTOSCOPY,
        "Ductoscopie",
        side=side,
        side_in=side_in,
        date=date,
        status=status,
    )


_OWN_DUCTOSCOPY = (OWN, "ductoscopy", "Ductoscopy")


# --- orders: under `record:` on record (active since a week), under `orders:` drafts of today


def order_mammography(write: Writer, **options: Any) -> Resource:
    """An order for mammography; options as in `order`."""
    return order(
        write,
        "order-mammography",
        IMAGING["mammography"]["plain"],
        IMAGING["mammography"]["text"],
        **options,
    )


def order_ultrasound(write: Writer, **options: Any) -> Resource:
    """An order for ultrasound of the breast; options as in `order`."""
    return order(
        write,
        "order-ultrasound",
        IMAGING["ultrasound"]["plain"],
        IMAGING["ultrasound"]["text"],
        **options,
    )


def order_imaging(write: Writer, **options: Any) -> list[Resource]:
    """Orders for mammography and ultrasound."""
    return [order_mammography(write, **options), order_ultrasound(write, **options)]


def order_ductoscopy(write: Writer, **options: Any) -> Resource:
    """An order for ductoscopy; options as in `order`."""
    return order(write, "order-ductoscopy", _OWN_DUCTOSCOPY, "Ductoscopie", **options)


def order_duct_surgery(write: Writer, *, kind: str = "microdochectomy", **options: Any) -> Resource:
    """An order for surgery of the milk ducts: microdochectomy or cone; options as in `order`."""
    code, text = choice("kind", kind, DUCT_SURGERY)
    return order(write, "order-duct-surgery", code, text, **options)


def order_breast_clinic(write: Writer, **options: Any) -> Resource:
    """A referral to the breast clinic; options as in `order`."""
    return order(
        write,
        "order-breast-clinic",
        (OWN, "breast-clinic-referral", "Referral to breast clinic"),
        "Verwijzing mammapolikliniek",
        **options,
    )


def order_other(
    write: Writer, *, text: str = "Röntgenfoto van de thorax", **options: Any
) -> Resource:
    """An order that concerns no guideline here."""
    return order(write, "order-other", None, text, **options)
