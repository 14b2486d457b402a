"""Words for imaging of the breast with its BI-RADS category."""

import zlib
from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .building import (
    BREAST,
    DICOM,
    DUTCH_SIDE,
    LOINC,
    QUALIFIER,
    SNOMED,
    body_site,
    choice,
    coding,
    components,
    concept,
    in_category,
    listed,
    own,
    with_side,
)

RADELEMENT = "http://hl7.org/fhir/us/breast-radiology/CodeSystem/RadLexCDE"
IMAGING: dict[str, dict[str, Any]] = {
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


def mammography(write: Writer, **options: Any) -> list[Resource]:
    """Mammography; options as in `breast_examination`."""
    return breast_examination(write, "mammography", **options)


def tomosynthesis(write: Writer, **options: Any) -> list[Resource]:
    """Tomosynthesis, a form of mammography; options as in `breast_examination`."""
    return breast_examination(write, "tomosynthesis", **options)


def ultrasound(write: Writer, **options: Any) -> list[Resource]:
    """Ultrasound of the breast; options as in `breast_examination`."""
    return breast_examination(write, "ultrasound", **options)


def imaging(write: Writer, **options: Any) -> list[Resource]:
    """Mammography and ultrasound on one day with the same result."""
    return breast_examination(write, "mammography", **options) + breast_examination(
        write, "ultrasound", **options
    )


def breast_examination(
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
    plain = concept(about["plain"], text=with_side(about["text"], side, side_in))
    in_code = side_in == "code" and side in about
    code = concept(about[side], text=about["text"]) if in_code else plain
    place = None if in_code else body_site(side, side_in if side_in != "code" else "bodySite")
    category = None if birads is None else _birads(kind, str(birads))

    def assessment() -> Resource:
        return write(
            "Observation",
            f"{kind}-birads",
            status="final",
            code=own("birads-category", f"BI-RADS {about['text'].lower()}"),
            bodySite=body_site(side, "bodySite"),
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
        done = write(
            "Procedure",
            kind,
            status=status or "completed",
            code=plain,
            performedDateTime=day,
            bodySite=listed(body_site(side, side_in)),
        )
        return [done, assessment()] if category else [done]
    if as_ == "Observation":
        component = components(("birads-category", "BI-RADS", "valueCodeableConcept", category))
        told = in_category("imaging") | {
            "code": code,
            "bodySite": place,
            "effectiveDateTime": day,
            "component": component,
        }
        return [write("Observation", kind, status=status or "final", **told)]

    birads_in = birads_in or (
        "conclusionCode" if kind == "mammography" and str(birads) in MAMMOGRAPHY_BIRADS else "text"
    )
    codes = [category] if category and birads_in == "conclusionCode" else []
    if finding == "papilloma":
        codes.append(concept(PAPILLOMA, text="Intraductaal papilloom"))
    if conclusion is None and category and birads_in == "text":
        conclusion = f"Conclusie: BI-RADS {birads}" + (
            f" {DUTCH_SIDE[side]}" if side_in == "text" and side in DUTCH_SIDE else ""
        )
    found = [assessment()] if category and birads_in in ("result", "observation") else []
    report = write(
        "DiagnosticReport",
        kind,
        status=status or "final",
        code=code,
        effectiveDateTime=day,
        conclusion=conclusion,
        conclusionCode=codes or None,
        result=[{"reference": f"Observation/{one['id']}"} for one in found]
        if birads_in == "result" and found
        else None,
    )
    return [report, *found]


def _imaging_study(
    write: Writer, kind: str, side: str, side_in: str, day: str | None, status: str | None
) -> Resource:
    about = IMAGING[kind]
    number = zlib.crc32(f"{write.patient_id} {kind} {day}".encode())
    series: dict = {"uid": f"2.25.{number}", "modality": coding(about["modality"])}
    if side_in != "text":
        series["bodySite"] = coding(BREAST)
        if side in QUALIFIER:
            series["laterality"] = coding(QUALIFIER[side])
    return write(
        "ImagingStudy",
        kind,
        status=status or "available",
        modality=[coding(about["modality"])],
        started=day,
        description=with_side(about["text"], side, side_in),
        series=[series],
    )


def _birads(kind: str, category: str) -> dict:
    if kind in ("mammography", "tomosynthesis") and category in MAMMOGRAPHY_BIRADS:
        return concept((SNOMED, MAMMOGRAPHY_BIRADS[category], None), text=f"BI-RADS {category}")
    return concept(
        (RADELEMENT, choice("birads", category, RADELEMENT_BIRADS), None),
        text=f"BI-RADS {category}",
    )
