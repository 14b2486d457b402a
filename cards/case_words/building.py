"""What the words are built with: code systems, sites of the body, and the parts that many resources share."""

from collections.abc import Iterable, Mapping
from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICPC = "http://hl7.org/fhir/sid/icpc-1-nl"
ICPC2 = "http://hl7.org/fhir/sid/icpc-2"
ATC = "http://www.whocc.no/atc"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
UCUM = "http://unitsofmeasure.org"
OWN = "https://guideline-cards.example.org/CodeSystem/breast"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"
LATERALITY = {
    "zib": "http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality",
    "mcode": f"{MCODE}laterality-qualifier",
}
BREAST = (SNOMED, "76752008", "Breast structure")
BREAST_OF = {
    "left": (SNOMED, "80248007", "Left breast structure"),
    "right": (SNOMED, "73056007", "Right breast structure"),
    "both": (SNOMED, "63762007", "Both breasts"),
}
QUALIFIER = {
    "left": (SNOMED, "7771000", "Left"),
    "right": (SNOMED, "24028007", "Right"),
    "both": (SNOMED, "51440002", "Right and left"),
}
DUTCH_SIDE = {"left": "links", "right": "rechts", "both": "beiderzijds"}
SITES = {  # beside the breast: code, the words of a Dutch doctor
    "bone": ((SNOMED, "272673000", "Bone structure"), "bot"),
    "spine": ((SNOMED, "421060004", "Structure of vertebral column"), "wervelkolom"),
    "cervical_spine": (
        (SNOMED, "122494005", "Structure of cervical vertebral column"),
        "cervicale wervelkolom",
    ),
    "thoracic_spine": ((SNOMED, "122495006", "Thoracic spine structure"), "thoracale wervelkolom"),
    "lumbar_spine": ((SNOMED, "122496007", "Lumbar spine structure"), "lumbale wervelkolom"),
    "sacrum": (None, "sacrum"),
    "pelvis": ((SNOMED, "12921003", "Pelvic structure"), "bekken"),
    "pelvic_bone": (
        (SNOMED, "118645006", "Structure of innominate bone and/or sacrum and/or coccyx"),
        "bekken",
    ),
    "liver": ((SNOMED, "10200004", "Liver structure"), "lever"),
    "lung": ((SNOMED, "39607008", "Lung structure"), "long"),
    "brain": ((SNOMED, "12738006", "Brain structure"), "hersenen"),
    "pleura": ((SNOMED, "3120008", "Pleural membrane structure"), "pleura"),
    "peritoneum": ((SNOMED, "15425007", "Peritoneum structure"), "peritoneum"),
    "meninges": ((SNOMED, "1231004", "Meninges structure"), "meningen"),
    "leptomeninges": (None, "leptomeningen"),
    "skin": ((SNOMED, "39937001", "Skin structure"), "huid"),
    "chest_wall": ((SNOMED, "78904004", "Chest wall structure"), "thoraxwand"),
    "ovary": (None, "ovarium"),
    "adrenal": (None, "bijnier"),
    "axilla": ((SNOMED, "91470000", "Axillary region structure"), "oksel"),
    "axillary_nodes": (
        (SNOMED, "68171009", "Axillary lymph node structure"),
        "axillaire lymfeklier",
    ),
    "supraclavicular": (
        (SNOMED, "77621008", "Structure of supraclavicular region of neck"),
        "supraclaviculair",
    ),
    "supraclavicular_nodes": (
        (SNOMED, "76838003", "Structure of supraclavicular lymph node"),
        "supraclaviculaire lymfeklier",
    ),
    "infraclavicular": (None, "infraclaviculair"),
    "internal_mammary": (
        (SNOMED, "245282001", "Internal mammary lymph node group"),
        "parasternaal",
    ),
    "mediastinal_nodes": (
        (SNOMED, "62683002", "Mediastinal lymph node structure"),
        "mediastinale lymfeklier",
    ),
    "node": (None, "lymfeklier"),
    "unspecified": (None, ""),
}
_SHARED = "entered-in-error unknown"
STATUS = {  # the R4 codes; what planned, done and cancelled are there
    "Procedure": ("preparation", "completed", "not-done", f"in-progress on-hold stopped {_SHARED}"),
    "ServiceRequest": ("active", "completed", "revoked", f"draft on-hold {_SHARED}"),
    "MedicationRequest": ("active", "completed", "cancelled", f"draft on-hold stopped {_SHARED}"),
    "MedicationAdministration": (
        "on-hold",
        "completed",
        "not-done",
        f"in-progress stopped {_SHARED}",
    ),
    "MedicationStatement": (
        "intended",
        "completed",
        "not-taken",
        f"active stopped on-hold {_SHARED}",
    ),
    "Encounter": (
        "planned",
        "finished",
        "cancelled",
        f"arrived triaged in-progress onleave {_SHARED}",
    ),
    "DocumentReference": (None, "current", None, "superseded entered-in-error"),
    "DiagnosticReport": (
        "registered",
        "final",
        "cancelled",
        f"partial preliminary amended corrected appended {_SHARED}",
    ),
    "ImagingStudy": ("registered", "available", "cancelled", _SHARED),
    "Observation": ("registered", "final", "cancelled", f"preliminary amended corrected {_SHARED}"),
}


# --- the parts of a resource


def concept(code: tuple | None, text: str | None = None) -> dict:
    """A CodeableConcept of a code (system, code, display), a text, or both."""
    return ({"coding": [coding(code)]} if code else {}) | ({"text": text} if text else {})


def coding(code: tuple) -> dict:
    """A Coding; without display where the code has None."""
    system, value, display = code
    return {"system": system, "code": value} | ({"display": display} if display else {})


def own(code: str, text: str) -> dict:
    """A concept of the project's own code system."""
    return concept((OWN, code, None), text=text)


def listed(element: dict | None) -> list[dict] | None:
    """A list of one, or nothing."""
    return None if element is None else [element]


def choice(option: str, value: object, choices: Iterable) -> Any:
    """One of the choices: the value in a mapping, else itself. ValueError naming the choices."""
    if value not in choices:
        raise ValueError(f"{option}: {value!r} is none of {', '.join(map(str, choices))}")
    return choices[value] if isinstance(choices, Mapping) else value


def dialect(coded: object, codes: Mapping[str, tuple | None]) -> tuple | None:
    """The code in the dialect `coded`: the first of the codes where it is not said, none where it is `none` or no."""
    if coded is None or coded is True:
        return next(iter(codes.values()))
    return None if coded is False else choice("coded", coded, {**codes, "none": None})


def status_of(resource_type: str, status: str | None, usual: str) -> str:
    """The FHIR status; planned, done and cancelled are told in that of the resource type."""
    planned, done, cancelled, others = STATUS[resource_type]
    words = {
        word: code
        for word, code in (("planned", planned), ("done", done), ("cancelled", cancelled))
        if code
    }
    return choice(
        "status",
        status or usual,
        words | {code: code for code in [*words.values(), *others.split()]},
    )


def body_site(side: str, side_in: str, site: str | None = "breast") -> dict | None:
    """The bodySite. A breast without a side is none; for another site, bodySite holds the side in its text."""
    choice("side", side, {*BREAST_OF, "none"})
    choice("side_in", side_in, {"bodySite", "zib", "mcode", "text", "code"})
    if site in (None, "unspecified") or (
        site == "breast" and (side == "none" or side_in in ("text", "code"))
    ):
        return None
    code, text = (BREAST, None) if site == "breast" else choice("site", site, SITES)
    if side == "none" or side_in in ("text", "code"):
        return concept(code, text=text)
    if side_in in LATERALITY:
        extension = {"url": LATERALITY[side_in], "valueCodeableConcept": concept(QUALIFIER[side])}
        return {"extension": [extension], **concept(code, text=text)}
    return (
        concept(BREAST_OF[side])
        if site == "breast"
        else concept(code, text=f"{text} {DUTCH_SIDE[side]}")
    )


def where(side_in: str | None, code: object) -> str:
    """Where the side stands when it is not said: beside a code in bodySite, else in the words."""
    return side_in or ("text" if code is None else "bodySite")


def with_side(text: str, side: str, side_in: str) -> str:
    """The text, with the side in Dutch if that is where it stands."""
    return f"{text} {DUTCH_SIDE[side]}" if side_in == "text" and side in DUTCH_SIDE else text


def components(*given: tuple[str, str, str, object]) -> list[dict] | None:
    """Components of an Observation: own code, its text, value element, value; those without a value are left out."""
    return [
        {"code": own(code, text), element: value}
        for code, text, element, value in given
        if value is not None
    ] or None


def note(text: str | None) -> list[dict] | None:
    """A remark."""
    return None if text is None else [{"text": text}]


def period(write: Writer, date: str | None, until: str | None, element: str) -> dict:
    """`element` + DateTime for one date, + Period where `until` is given; nothing without dates."""
    if until is None:
        return {} if date is None else {f"{element}DateTime": write.date(date)}
    return {
        f"{element}Period": ({} if date is None else {"start": write.date(date)})
        | {"end": write.date(until)}
    }


# --- resources


def condition(
    write: Writer,
    name: str,
    code: dict,
    side: str,
    side_in: str,
    more: Mapping | None = None,
    /,
    *,
    site: str | None = "breast",
    onset: object = None,
    recorded: str | None = None,
    abated: str | None = None,
    clinical: str | None = "active",
    verification: str | None = "confirmed",
    remark: str | None = None,
) -> Resource:
    """A diagnosis or complaint. onset: a date, or {age: 51}, {range: [49, 50]}, {period: -5 months}, {period: [-8 months,
    -5 months]}, {string: as the patient tells it}; recorded, abated: dates; clinical and verification: the status codes, or
    none; remark: a note."""
    clinical_codes = "active recurrence relapse inactive remission resolved none".split()  # noqa: SIM905 - a line of words
    verification_codes = (
        "unconfirmed provisional differential confirmed refuted entered-in-error none".split()  # noqa: SIM905 - a line of words
    )
    return write(
        "Condition",
        name,
        clinicalStatus=None
        if choice("clinical", clinical or "none", clinical_codes) == "none"
        else concept((CLINICAL, clinical, None)),
        verificationStatus=None
        if choice("verification", verification or "none", verification_codes) == "none"
        else concept((VERIFICATION, verification, None)),
        code=code,
        bodySite=listed(body_site(side, side_in, site)),
        abatementDateTime=write.date(abated),
        recordedDate=write.date(recorded),
        **_onset(write, onset),
        note=note(remark),
        **(more or {}),
    )


def _onset(write: Writer, onset: Any) -> dict:
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
        return {"onsetPeriod": dict(zip(("start", "end"), dates, strict=False))}
    if form == "string":
        return {"onsetString": value}
    raise ValueError(f"onset: a date, or age, range, period or string, not {form!r}")


def _years(number: int) -> dict:
    return {"value": number, "unit": "jaar", "system": UCUM, "code": "a"}


def procedure(
    write: Writer,
    name: str,
    codes: tuple | Mapping | None,
    usual_text: str,
    more: Mapping | None = None,
    /,
    *,
    side: str = "none",
    side_in: str | None = None,
    site: str | None = "breast",
    date: str | None = None,
    until: str | None = None,
    status: str | None = None,
    coded: object = None,
    text: str | None = None,
    reason: str | None = None,
    remark: str | None = None,
) -> Resource:
    """Something done. date, until: a day, or a period; status: completed, planned, in-progress, cancelled...; coded: none for
    words only; text: instead of the usual; reason and remark: free text."""
    code = dialect(coded, codes if isinstance(codes, Mapping) else {"snomed": codes})
    side_in = where(side_in, code)
    return write(
        "Procedure",
        name,
        status=status_of("Procedure", status, "completed"),
        code=concept(code, text=text or with_side(usual_text, side, side_in)),
        bodySite=listed(body_site(side, side_in, site)),
        **period(write, date, until, "performed"),
        reasonCode=listed({"text": reason} if reason else None),
        note=note(remark),
        **(more or {}),
    )


def observation(
    write: Writer,
    name: str,
    code: dict,
    more: Mapping,
    /,
    *,
    date: str | None = None,
    status: str | None = None,
    remark: str | None = None,
) -> Resource:
    """Something observed, measured or seen; `more`: its value and other elements."""
    day = {"effectiveDateTime": write.date(date), "note": note(remark)}
    return write(
        "Observation",
        name,
        status=status_of("Observation", status, "final"),
        code=code,
        **day,
        **more,
    )


def in_category(code: str) -> dict:
    """The category that a record system gives an Observation: exam for what a doctor found, imaging, laboratory, survey for what was asked."""
    return {"category": [concept((CATEGORY, code, None))]}


def refuse(options: Mapping, resource_type: str) -> None:
    """An option that this resource type does not know is a fault, not something to pass over."""
    if options:
        raise ValueError(f"as {resource_type} there is no option {', '.join(options)}")


def without_subject(resource: Resource, **patient: dict | list) -> Resource:
    """For a resource type that has another element for the patient, or none."""
    return {key: value for key, value in resource.items() if key != "subject"} | patient
