"""The words in which cases.yaml tells a patient, each a function that writes FHIR R4 resources.

The codes below are the cases' own: they are not taken from the value sets, so that a case can prove a value set wrong.
What has no verified code is text beside a code of the project's own code system.

Options that many words share:
  side      left, right, both or none (not recorded)
  side_in   where the side stands: bodySite, zib or mcode (an extension on bodySite), text, or (imaging, duct excision) code
  date      told from today: `-5 months`, `-3 months -1 day`, `today`, `+2 days`; ` as month`, ` as year`, ` as instant`
  status    the FHIR status, when it is not the usual one
  as        the FHIR resource type, when it is not the usual one
"""

import zlib

from cds_service.shorthand import Resource, Writer

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICPC = "http://hl7.org/fhir/sid/icpc-1-nl"
RADELEMENT = "http://hl7.org/fhir/us/breast-radiology/CodeSystem/RadLexCDE"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
UCUM = "http://unitsofmeasure.org"
OWN = "https://guideline-cards.example.org/CodeSystem/breast"
LATERALITY = {
    "zib": "http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality",
    "mcode": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier",
}
BREAST = (SNOMED, "76752008", "Breast structure")
BREAST_OF = {
    "left": (SNOMED, "80248007", "Left breast structure"),
    "right": (SNOMED, "73056007", "Right breast structure"),
    "both": (SNOMED, "63762007", "Both breasts"),
}
QUALIFIER = {"left": (SNOMED, "7771000", "Left"), "right": (SNOMED, "24028007", "Right"), "both": (SNOMED, "51440002", "Right and left")}
DUTCH_SIDE = {"left": "links", "right": "rechts", "both": "beiderzijds"}

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
COLOURS = {  # as an adjective in a sentence, as a value on its own
    "bloody": ("bloederige", "bloederig"),
    "brown": ("bruine", "bruin"),
    "serous": ("sereuze", "sereus"),
    "milky": ("melkachtige", "melkachtig"),
    "clear": ("heldere", "helder"),
}

IMAGING = {
    "mammography": {
        "text": "Mammografie",
        "plain": (SNOMED, "71651007", "Mammography"),
        "left": (LOINC, "36627-8", "MG Breast - left Views"),
        "right": (LOINC, "37774-7", "MG Breast - right Views"),
        "both": (LOINC, "36626-0", "MG Breast - bilateral Views"),
        "modality": (DICOM, "MG", "Mammography"),
    },
    "tomosynthesis": {
        "text": "Tomosynthese van de borst",
        "plain": (SNOMED, "450566007", "Digital tomosynthesis of breast"),
        "both": (LOINC, "86463-7", "DBT Breast - bilateral"),
        "modality": (DICOM, "MG", "Mammography"),
    },
    "ultrasound": {
        "text": "Echografie van de borst",
        "plain": (SNOMED, "47079000", "Ultrasonography of breast"),
        "left": (LOINC, "26215-4", "US Breast - left"),
        "right": (LOINC, "26216-2", "US Breast - right"),
        "both": (LOINC, "26214-7", "US Breast - bilateral"),
        "modality": (DICOM, "US", "Ultrasound"),
    },
    "mri": {
        "text": "MRI van de borst",
        "plain": (SNOMED, "241615005", "Magnetic resonance imaging of breast"),
        "left": (LOINC, "35954-7", "MR Breast - left"),
        "right": (LOINC, "35955-4", "MR Breast - right"),
        "both": (LOINC, "30795-9", "MR Breast - bilateral"),
        "modality": (DICOM, "MR", "Magnetic Resonance"),
    },
}
MAMMOGRAPHY_BIRADS = {  # the SNOMED concepts are mammography assessments: not for other examinations
    "0": "397138000",
    "1": "397140005",
    "2": "397141009",
    "3": "397143007",
    "4": "397144001",
    "5": "397145000",
}
RADELEMENT_BIRADS = {
    "0": "RDE1586_category0IncompleteNeedAdditionalImaging",
    "1": "RDE1586_category1Negative",
    "2": "RDE1586_category2BenignFinding",
    "3": "RDE1586_category3ProbablyBenignFinding",
    "4": "RDE1586_category4SuspiciousAbnormality",
    "4a": "RDE1586_category4ASuspiciousAbnormalityLowLikelihoodOfBeingCancer",
    "4b": "RDE1586_category4BSuspiciousAbnormalityModerateLikelihoodOfBeingCancer",
    "4c": "RDE1586_category4CSuspiciousAbnormalityHighLikelihoodOfBeingCancer",
    "5": "RDE1586_category5HighlySuggestiveOfMalignancy",
    "6": "RDE1586_category6KnownBiopsyProvenMalignancy",
}
PAPILLOMA = (SNOMED, "99571000119102", "Papilloma of breast")

DUCT_SURGERY = {
    "microdochectomy": ((SNOMED, "237400005", "Microdochectomy"), "Microdochectomie"),
    "cone": ((SNOMED, "265255003", "Subareolar excision of mammillary duct"), "Conusexcisie"),
}
NIPPLE_SURGERY = DUCT_SURGERY | {
    "total_duct_excision_left": ((SNOMED, "736751004", "Total excision of lactiferous duct of left breast"), "Excisie melkgangen"),
    "total_duct_excision_right": ((SNOMED, "736752006", "Total excision of lactiferous duct of right breast"), "Excisie melkgangen"),
    "inverted_nipple_correction": ((SNOMED, "24093008", "Correction of inverted nipples"), "Correctie ingetrokken tepel"),
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
    **course: object,
) -> Resource:
    """Nipple discharge. As Condition its properties stand in the text, as Observation (with `date`) in components.

    coded: finding, symptom, bloody, non-bloody, galactorrhoea, lactation, icpc or none; colour: a word of COLOURS or as a doctor
    would write it; spontaneous: yes or no; ducts: one or several; text: instead of the sentence made of these.
    onset, recorded, abated, clinical, verification: see `_condition`.
    """
    adjective, noun = COLOURS.get(colour, (colour, colour))
    coded = coded or ("bloody" if colour == "bloody" else "finding")
    if as_ == "Observation":
        code = _concept(_choice("coded", coded, DISCHARGE), text=text or _with_side("Tepeluitvloed", side, side_in))
        return write(
            "Observation",
            "discharge",
            status=status,
            code=code,
            bodySite=_body_site(side, side_in),
            effectiveDateTime=write.date(date),
            valueBoolean=present,
            component=_components(
                ("discharge-colour", "Kleur tepeluitvloed", "valueCodeableConcept", noun and {"text": noun}),
                ("discharge-spontaneous", "Spontane tepeluitvloed", "valueBoolean", spontaneous),
                ("discharge-ducts", "Aantal melkgangen met uitvloed", "valueCodeableConcept", ducts and {"text": _DUCTS[ducts]}),
            ),
        )
    properties = [
        _with_side(f"{adjective} tepeluitvloed" if adjective else "tepeluitvloed", side, side_in),
        None if spontaneous is None else "spontaan" if spontaneous else "niet spontaan",
        ducts and f"uit {_DUCTS[ducts]}",
    ]
    sentence = text or ", ".join(filter(None, properties)).capitalize()
    return _condition(write, "discharge", _concept(_choice("coded", coded, DISCHARGE), text=sentence), side, side_in, **course)


_DUCTS = {"one": "één melkgang", "several": "meerdere melkgangen"}


def nipple_retraction(
    write: Writer, *, side: str = "none", side_in: str = "bodySite", as_: str = "Condition", reducible: bool | None = None, date: str | None = None, **course: object
) -> Resource:
    """Nipple retraction; reducible (can be everted): yes, no or not recorded."""
    code, text = (SNOMED, "271955004", "Retraction of nipple"), _with_side("Tepelretractie", side, side_in)
    if as_ == "Observation":
        return write(
            "Observation",
            "retraction",
            status="final",
            code=_concept(code, text=text),
            bodySite=_body_site(side, side_in),
            effectiveDateTime=write.date(date),
            component=_components(("retraction-reducible", "Tepelretractie reponeerbaar", "valueBoolean", reducible)),
        )
    if reducible is not None:
        text += ", reponeerbaar" if reducible else ", niet reponeerbaar"
    return _condition(write, "retraction", _concept(code, text=text), side, side_in, **course)


def lump(write: Writer, *, side: str = "none", side_in: str = "bodySite", **course: object) -> Resource:
    """A lump in the breast."""
    code = _concept((SNOMED, "89164003", "Breast lump"), text=_with_side("Knobbel in de borst", side, side_in))
    return _condition(write, "lump", code, side, side_in, **course)


def skin_change(write: Writer, *, side: str = "none", side_in: str = "bodySite", kind: str = "peau_dorange", **course: object) -> Resource:
    """A change of the skin of the breast: peau_dorange or discoloration."""
    kinds = {
        "peau_dorange": ((SNOMED, "87386002", "Peau d'orange surface of breast"), "Sinaasappelhuid"),
        "discoloration": ((SNOMED, "290069002", "Discoloration of skin of breast"), "Huidverkleuring borst"),
    }
    code, text = _choice("kind", kind, kinds)
    return _condition(write, "skin-change", _concept(code, text=_with_side(text, side, side_in)), side, side_in, **course)


def breast_pain(write: Writer, *, side: str = "none", side_in: str = "bodySite", **course: object) -> Resource:
    """Pain of the breast: a complaint beside which nothing else follows."""
    code = _concept((SNOMED, "53430007", "Pain of breast"), text=_with_side("Pijn in de borst", side, side_in))
    return _condition(write, "breast-pain", code, side, side_in, **course)


def papilloma(write: Writer, *, side: str = "none", side_in: str = "bodySite", date: str) -> Resource:
    """A papilloma seen on ultrasound, as a finding of its own."""
    return write(
        "Observation",
        "papilloma",
        status="final",
        code=_concept(PAPILLOMA, text=_with_side("Papilloom", side, side_in)),
        method=_concept(IMAGING["ultrasound"]["plain"]),
        bodySite=_body_site(side, side_in),
        effectiveDateTime=write.date(date),
        valueBoolean=True,
    )


# --- imaging


def mammography(write: Writer, **options: object) -> list[Resource]:
    """Mammography; options as in `_imaging`."""
    return _imaging(write, "mammography", **options)


def tomosynthesis(write: Writer, **options: object) -> list[Resource]:
    """Tomosynthesis, a form of mammography; options as in `_imaging`."""
    return _imaging(write, "tomosynthesis", **options)


def ultrasound(write: Writer, **options: object) -> list[Resource]:
    """Ultrasound of the breast; options as in `_imaging`."""
    return _imaging(write, "ultrasound", **options)


def mri(write: Writer, **options: object) -> list[Resource]:
    """MRI of the breast; options as in `_imaging`."""
    return _imaging(write, "mri", **options)


def imaging(write: Writer, **options: object) -> list[Resource]:
    """Mammography and ultrasound on one day with the same result."""
    return _imaging(write, "mammography", **options) + _imaging(write, "ultrasound", **options)


def _imaging(
    write: Writer,
    kind: str,
    *,
    side: str = "none",
    side_in: str | None = None,
    as_: str = "DiagnosticReport",
    date: str | None = None,
    status: str | None = None,
    birads: object = None,
    birads_in: str | None = None,
    conclusion: str | None = None,
    finding: str | None = None,
) -> list[Resource]:
    """One examination.

    as: DiagnosticReport, ImagingStudy, Procedure or Observation; side_in: code (report), bodySite (others), zib, mcode or text.
    birads: 0..6, 4a..; birads_in: conclusionCode, text, result (an Observation that the report lists), component or observation
    (an Observation beside the examination). A mammography report carries it as conclusionCode, another report in its text.
    conclusion: the report's words instead; finding: papilloma.
    """
    about, day = IMAGING[kind], write.date(date)
    side_in = side_in or ("code" if as_ == "DiagnosticReport" else "bodySite")
    plain = _concept(about["plain"], text=_with_side(about["text"], side, side_in))
    in_code = side_in == "code" and side in about
    code = _concept(about[side], text=about["text"]) if in_code else plain
    body_site = None if in_code else _body_site(side, side_in if side_in != "code" else "bodySite")
    category = None if birads is None else _birads(kind, str(birads))

    def assessment() -> Resource:
        return write(
            "Observation",
            f"{kind}-birads",
            status="final",
            code=_own("birads-category", f"BI-RADS {about['text'].lower()}"),
            bodySite=_body_site(side, "bodySite"),
            effectiveDateTime=day,
            valueCodeableConcept=category,
        )

    if as_ == "ImagingStudy":
        found = [assessment()] if category else []
        study = _imaging_study(write, kind, side, side_in, day, status)
        for observation in found:
            observation["derivedFrom"] = [{"reference": f"ImagingStudy/{study['id']}"}]
        return [study, *found]
    if as_ == "Procedure":
        done = write("Procedure", kind, status=status or "completed", code=plain, performedDateTime=day, bodySite=_listed(_body_site(side, side_in)))
        return [done, assessment()] if category else [done]
    if as_ == "Observation":
        component = _components(("birads-category", "BI-RADS", "valueCodeableConcept", category))
        return [write("Observation", kind, status=status or "final", code=code, bodySite=body_site, effectiveDateTime=day, component=component)]

    birads_in = birads_in or ("conclusionCode" if kind == "mammography" and str(birads) in MAMMOGRAPHY_BIRADS else "text")
    codes = [category] if category and birads_in == "conclusionCode" else []
    if finding == "papilloma":
        codes.append(_concept(PAPILLOMA, text="Intraductaal papilloom"))
    if conclusion is None and category and birads_in == "text":
        conclusion = f"Conclusie: BI-RADS {birads}" + (f" {DUTCH_SIDE[side]}" if side_in == "text" and side in DUTCH_SIDE else "")
    found = [assessment()] if category and birads_in in ("result", "observation") else []
    report = write(
        "DiagnosticReport",
        kind,
        status=status or "final",
        code=code,
        effectiveDateTime=day,
        conclusion=conclusion,
        conclusionCode=codes or None,
        result=[{"reference": f"Observation/{one['id']}"} for one in found] if birads_in == "result" and found else None,
    )
    return [report, *found]


def _imaging_study(write: Writer, kind: str, side: str, side_in: str, day: str | None, status: str | None) -> Resource:
    about = IMAGING[kind]
    number = zlib.crc32(f"{write.patient_id} {kind} {day}".encode())
    series: dict = {"uid": f"2.25.{number}", "modality": _coding(about["modality"])}
    if side_in != "text":
        series["bodySite"] = _coding(BREAST)
        if side in QUALIFIER:
            series["laterality"] = _coding(QUALIFIER[side])
    return write(
        "ImagingStudy",
        kind,
        status=status or "available",
        modality=[_coding(about["modality"])],
        started=day,
        description=_with_side(about["text"], side, side_in),
        series=[series],
    )


def _birads(kind: str, category: str) -> dict:
    if kind in ("mammography", "tomosynthesis") and category in MAMMOGRAPHY_BIRADS:
        return _concept((SNOMED, MAMMOGRAPHY_BIRADS[category], None), text=f"BI-RADS {category}")
    return _concept((RADELEMENT, _choice("birads", category, RADELEMENT_BIRADS), None), text=f"BI-RADS {category}")


# --- tissue and surgery


def biopsy(write: Writer, *, side: str = "none", side_in: str = "bodySite", date: str | None = None, status: str = "completed") -> Resource:
    """A core needle biopsy, without its result."""
    return _procedure(write, "biopsy", (SNOMED, "44578009", "Core needle biopsy of breast"), "Dikkenaaldbiopsie", side, side_in, date, status)


def tissue_diagnosis(
    write: Writer, *, result: str, side: str = "none", side_in: str = "bodySite", as_: str = "Observation", date: str | None = None, status: str = "final"
) -> Resource:
    """What the pathologist found: benign or malignant."""
    results = {
        "benign": _own("benign", "Benigne"),
        "malignant": _concept((SNOMED, "82711006", "Infiltrating duct carcinoma"), text="Maligne: invasief ductaal carcinoom"),
    }
    code, value = _own("tissue-diagnosis", _with_side("Histologie mammabiopt", side, side_in)), _choice("result", result, results)
    if as_ == "DiagnosticReport":
        code["text"] = _with_side("Histologie mammabiopt", side, "text")
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
        bodySite=_body_site(side, side_in),
        effectiveDateTime=write.date(date),
        valueCodeableConcept=value,
    )


def duct_surgery(write: Writer, *, kind: str = "microdochectomy", **options: object) -> Resource:
    """Surgery of the milk ducts that was done: microdochectomy or cone."""
    return nipple_surgery(write, kind=_choice("kind", kind, {kind: kind for kind in DUCT_SURGERY}), **options)


def nipple_surgery(
    write: Writer, *, kind: str = "microdochectomy", side: str = "none", side_in: str = "bodySite", date: str | None = None, status: str = "completed"
) -> Resource:
    """Surgery of the nipple-areola complex that was done; `kind` as in NIPPLE_SURGERY (some kinds name the side)."""
    code, text = _choice("kind", kind, NIPPLE_SURGERY)
    return _procedure(write, "surgery", code, text, side, side_in, date, status)


def ductoscopy(write: Writer, *, side: str = "none", side_in: str = "bodySite", date: str | None = None, status: str = "completed") -> Resource:
    """A ductoscopy that was done."""
    return _procedure(write, "ductoscopy", _OWN_DUCTOSCOPY, "Ductoscopie", side, side_in, date, status)


_OWN_DUCTOSCOPY = (OWN, "ductoscopy", "Ductoscopy")


# --- orders: under `record:` on record (active since a week), under `orders:` drafts of today


def order_mammography(write: Writer, **options: object) -> Resource:
    """An order for mammography; options as in `_order`."""
    return _order(write, "order-mammography", IMAGING["mammography"]["plain"], IMAGING["mammography"]["text"], **options)


def order_ultrasound(write: Writer, **options: object) -> Resource:
    """An order for ultrasound of the breast; options as in `_order`."""
    return _order(write, "order-ultrasound", IMAGING["ultrasound"]["plain"], IMAGING["ultrasound"]["text"], **options)


def order_imaging(write: Writer, **options: object) -> list[Resource]:
    """Orders for mammography and ultrasound."""
    return [order_mammography(write, **options), order_ultrasound(write, **options)]


def order_ductoscopy(write: Writer, **options: object) -> Resource:
    """An order for ductoscopy; options as in `_order`."""
    return _order(write, "order-ductoscopy", _OWN_DUCTOSCOPY, "Ductoscopie", **options)


def order_duct_surgery(write: Writer, *, kind: str = "microdochectomy", **options: object) -> Resource:
    """An order for surgery of the milk ducts: microdochectomy or cone; options as in `_order`."""
    code, text = _choice("kind", kind, DUCT_SURGERY)
    return _order(write, "order-duct-surgery", code, text, **options)


def order_breast_clinic(write: Writer, **options: object) -> Resource:
    """A referral to the breast clinic; options as in `_order`."""
    return _order(write, "order-breast-clinic", (OWN, "breast-clinic-referral", "Referral to breast clinic"), "Verwijzing mammapolikliniek", **options)


def order_other(write: Writer, *, text: str = "Röntgenfoto van de thorax", **options: object) -> Resource:
    """An order that concerns no guideline here."""
    return _order(write, "order-other", None, text, **options)


def _order(
    write: Writer,
    name: str,
    code: tuple | None,
    text: str,
    *,
    side: str = "none",
    side_in: str = "bodySite",
    status: str | None = None,
    date: str | None = None,
    coded: bool = True,
    without_code: bool = False,
    not_to_do: bool = False,
    id: str | int | None = None,
) -> Resource:
    """An order. coded: no -> text only; without_code: yes -> no code at all; not_to_do: yes -> doNotPerform; id: instead of a made one."""
    order = write(
        "ServiceRequest",
        name,
        status=status or ("draft" if write.drafting else "active"),
        intent="order",
        doNotPerform=not_to_do or None,
        code=None if without_code else _concept(code if coded else None, text=_with_side(text, side, side_in)),
        bodySite=None if without_code else _listed(_body_site(side, side_in)),
        authoredOn=write.date(date or ("today" if write.drafting else "-1 week")),
    )
    return order if id is None else order | {"id": str(id)}


# --- building blocks


def _condition(
    write: Writer,
    name: str,
    code: dict,
    side: str,
    side_in: str,
    *,
    onset: object = None,
    recorded: str | None = None,
    abated: str | None = None,
    clinical: str | None = "active",
    verification: str | None = "confirmed",
) -> Resource:
    """A complaint. onset: a date, or {age: 51}, {range: [49, 50]}, {period: -5 months}, {period: [-8 months, -5 months]},
    {string: as the patient tells it}; clinical and verification: the status codes, or none."""
    return write(
        "Condition",
        name,
        clinicalStatus=None if clinical in (None, "none") else _concept((CLINICAL, clinical, None)),
        verificationStatus=None if verification in (None, "none") else _concept((VERIFICATION, verification, None)),
        code=code,
        bodySite=_listed(_body_site(side, side_in)),
        abatementDateTime=write.date(abated),
        recordedDate=write.date(recorded),
        **_onset(write, onset),
    )


def _onset(write: Writer, onset: object) -> dict:
    if onset is None:
        return {}
    if isinstance(onset, str):
        return {"onsetDateTime": write.date(onset)}
    ((form, value),) = onset.items()
    if form == "age":
        return {"onsetAge": _years(value)}
    if form == "range":
        return {"onsetRange": {"low": _years(value[0]), "high": _years(value[1])}}
    if form == "period":
        dates = [write.date(text) for text in ([value] if isinstance(value, str) else value)]
        return {"onsetPeriod": dict(zip(("start", "end"), dates))}
    if form == "string":
        return {"onsetString": value}
    raise ValueError(f"onset: a date, or age, range, period or string, not {form!r}")


def _years(number: int) -> dict:
    return {"value": number, "unit": "jaar", "system": UCUM, "code": "a"}


def _procedure(write: Writer, name: str, code: tuple, text: str, side: str, side_in: str, date: str | None, status: str) -> Resource:
    return write(
        "Procedure",
        name,
        status=status,
        code=_concept(code, text=_with_side(text, side, side_in)),
        bodySite=_listed(_body_site(side, side_in)),
        performedDateTime=write.date(date),
    )


def _body_site(side: str, side_in: str) -> dict | None:
    _choice("side", side, {*BREAST_OF, "none"})
    _choice("side_in", side_in, {"bodySite", "zib", "mcode", "text", "code"})
    if side == "none" or side_in in ("text", "code"):
        return None
    if side_in in LATERALITY:
        extension = {"url": LATERALITY[side_in], "valueCodeableConcept": _concept(QUALIFIER[side])}
        return {"extension": [extension], **_concept(BREAST)}
    return _concept(BREAST_OF[side])


def _with_side(text: str, side: str, side_in: str) -> str:
    return f"{text} {DUTCH_SIDE[side]}" if side_in == "text" and side in DUTCH_SIDE else text


def _components(*given: tuple[str, str, str, object]) -> list[dict] | None:
    return [{"code": _own(code, text), element: value} for code, text, element, value in given if value is not None] or None


def _own(code: str, text: str) -> dict:
    return _concept((OWN, code, None), text=text)


def _concept(code: tuple | None, text: str | None = None) -> dict:
    return ({"coding": [_coding(code)]} if code else {}) | ({"text": text} if text else {})


def _coding(code: tuple) -> dict:
    system, value, display = code
    return {"system": system, "code": value} | ({"display": display} if display else {})


def _listed(element: dict | None) -> list[dict] | None:
    return None if element is None else [element]


def _choice(option: str, value: object, choices: object) -> object:
    if value not in choices:
        raise ValueError(f"{option}: {value!r} is none of {', '.join(map(str, choices))}")
    return choices[value] if isinstance(choices, dict) else value
