"""Words for imaging of the body: PET/CT, bone scan, MRI, CT, and what was seen on it."""

import zlib
from collections.abc import Mapping
from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .breast_imaging import breast_examination
from .building import (
    ATC,
    DICOM,
    LOINC,
    OWN,
    SITES,
    SNOMED,
    body_site,
    choice,
    coding,
    concept,
    condition,
    dialect,
    in_category,
    listed,
    note,
    observation,
    own,
    status_of,
    with_side,
)

PET_CT = (SNOMED, "450436003", "Positron emission tomography with computed tomography")
MRI = (SNOMED, "113091000", "Magnetic resonance imaging")
CT = (SNOMED, "77477000", "Computerized axial tomography")
PSMA_11 = ("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "C118961", "PSMA-11 Ga^68^")
TRACERS = {  # text, codes of the examination, codes of the tracer
    "fdg": (
        "FDG-PET/CT",
        {
            "snomed": (
                SNOMED,
                "443271005",
                "Positron emission tomography with computed tomography of whole body using fluorodeoxyglucose (18-F)",
            ),
            "loinc": (
                LOINC,
                "81555-5",
                "PET+CT Guidance for localization of tumor of Whole body-- W 18F-FDG IV",
            ),
        },
        [
            (SNOMED, "35321007", "Fluorodeoxyglucose (18-F)"),
            (ATC, "V09IX04", "fludeoxyglucose (18F)"),
        ],
    ),
    "naf": (
        "NaF-PET/CT",
        {
            "snomed": (
                SNOMED,
                "725931007",
                "Positron emission tomography with computed tomography of whole body using sodium fluoride (18-F)",
            ),
            "loinc": (LOINC, "81552-2", "PET+CT Whole body Bone W 18F-NaF IV"),
        },
        [(SNOMED, "129501009", "Sodium fluoride F^18^")],
    ),
    "fes": (
        "FES-PET/CT",
        {},
        [(SNOMED, "926372005", "Fluoroestradiol F^18^"), (ATC, "V09IX11", "fluoroestradiol (18F)")],
    ),
    "fapi": ("FAPI-PET/CT", {}, []),
    "psma": ("PSMA-PET/CT", {}, [PSMA_11, (ATC, "V09IX14", "gallium (68Ga) gozetotide")]),
    "fluciclovine": (
        "Fluciclovine-PET/CT",
        {},
        [(SNOMED, "457000009", "Fluciclovine F^18^"), (ATC, "V09IX12", "fluciclovine (18F)")],
    ),
    "none": ("PET/CT", {"snomed": PET_CT, "loinc": (LOINC, "44139-4", "PT Whole body")}, []),
}
MRI_OF = {  # text, site, codes
    "spine": (
        "MRI wervelkolom",
        "spine",
        {
            "snomed": (SNOMED, "241645008", "Magnetic resonance imaging of spine"),
            "loinc": (LOINC, "36067-7", "MR Spine"),
        },
    ),
    "whole_spine": (
        "MRI gehele wervelkolom",
        "spine",
        {
            "snomed": (
                SNOMED,
                "411611000119102",
                "Magnetic resonance imaging of cervical, thoracic, and lumbar spine without contrast",
            ),
            "loinc": (LOINC, "42698-1", "MR Cervical and thoracic and lumbar spine"),
        },
    ),
    "cervical": (
        "MRI cervicale wervelkolom",
        "cervical_spine",
        {
            "snomed": (
                SNOMED,
                "60443006",
                "Magnetic resonance imaging of cervical spine with contrast",
            ),
            "loinc": (LOINC, "24935-9", "MR Cervical spine"),
        },
    ),
    "thoracic": (
        "MRI thoracale wervelkolom",
        "thoracic_spine",
        {
            "snomed": (
                SNOMED,
                "91333005",
                "Magnetic resonance imaging of thoracic spine with contrast",
            ),
            "loinc": (LOINC, "24980-5", "MR Thoracic spine"),
        },
    ),
    "lumbar": (
        "MRI lumbale wervelkolom",
        "lumbar_spine",
        {
            "snomed": (
                SNOMED,
                "41333006",
                "Magnetic resonance imaging of lumbar spine with contrast",
            ),
            "loinc": (LOINC, "24968-0", "MR Lumbar spine"),
        },
    ),
    "sacrum": (
        "MRI sacrum",
        "sacrum",
        {
            "snomed": (
                SNOMED,
                "709527009",
                "Magnetic resonance imaging of sacral spine with contrast",
            )
        },
    ),
    "pelvis": (
        "MRI bekken",
        "pelvis",
        {
            "snomed": (SNOMED, "433138001", "Magnetic resonance imaging of pelvis with contrast"),
            "loinc": (LOINC, "24867-4", "MR Pelvis"),
        },
    ),
    "liver": (
        "MRI lever",
        "liver",
        {
            "snomed": (SNOMED, "241622002", "Magnetic resonance imaging of liver"),
            "loinc": (LOINC, "36046-1", "MR Liver"),
        },
    ),
    "abdomen": (
        "MRI abdomen",
        None,
        {
            "snomed": (SNOMED, "432369004", "Magnetic resonance imaging of abdomen with contrast"),
            "loinc": (LOINC, "24556-3", "MR Abdomen"),
        },
    ),
    "brain": ("MRI hersenen", "brain", {"snomed": MRI}),
    "whole_body": (
        "MRI gehele lichaam",
        None,
        {
            "snomed": (SNOMED, "426252008", "Magnetic resonance imaging of whole body"),
            "loinc": (LOINC, "46358-8", "MR Whole body"),
        },
    ),
}
CT_OF = {
    "thorax": (
        "CT thorax",
        {
            "snomed": (SNOMED, "169069000", "Computed tomography of thorax"),
            "loinc": (LOINC, "24627-2", "CT Chest"),
        },
    ),
    "abdomen": (
        "CT abdomen",
        {
            "snomed": (SNOMED, "32962002", "Computed tomography of abdomen with contrast"),
            "loinc": (LOINC, "41806-1", "CT Abdomen"),
        },
    ),
    "thorax_abdomen": (
        "CT thorax/abdomen",
        {
            "snomed": (
                SNOMED,
                "429864007",
                "Computed tomography of thorax and abdomen with contrast",
            ),
            "loinc": (LOINC, "42275-8", "CT Chest and Abdomen W contrast IV"),
        },
    ),
}
BONE_SCAN = {
    "snomed": (SNOMED, "418832007", "Radionuclide whole body bone study"),
    "loinc": (LOINC, "39818-0", "NM Whole body Bone Views"),
}
CHEST_XRAY = {"own": (OWN, "chest-xray", None)}
LIVER_ULTRASOUND = {"own": (OWN, "liver-ultrasound", None)}
CERTAINTY = {  # the adjective, the value
    "uncertain": (
        "Onzekere laesie",
        concept((SNOMED, "82334004", "Indeterminate"), text="onzeker"),
    ),
    "suspicious": (
        "Verdachte laesie",
        concept((SNOMED, "415684004", "Suspected"), text="verdacht voor metastase"),
    ),
    "benign": ("Benigne laesie", own("benign", "benigne")),
    "none": ("Laesie", None),
}


def pet_ct(
    write: Writer,
    *,
    tracer: str = "fdg",
    tracer_in: str | None = None,
    coded: str | None = None,
    text: str | None = None,
    **options: Any,
) -> list[Resource]:
    """A PET/CT. tracer: fdg, fes, naf, fapi, psma, fluciclovine or none (not said); tracer_in: code (fdg, naf), text, or
    radiopharmaceutical (a MedicationAdministration beside a PET/CT that does not name it); coded: snomed, loinc or none; text.
    Other options as in `examination`."""
    usual, codes, drug = choice("tracer", tracer, TRACERS)
    tracer_in = choice(
        "tracer_in",
        tracer_in or ("code" if codes else "text"),
        ("code", "text", "radiopharmaceutical"),
    )
    if tracer_in == "code" and not codes:
        raise ValueError(
            f"tracer_in: no code of a PET/CT names {tracer}; text or radiopharmaceutical"
        )
    code = dialect(coded, codes if tracer_in == "code" else TRACERS["none"][1])
    words = text or ("PET/CT" if tracer_in == "radiopharmaceutical" else usual)
    written = examination(write, "pet-ct", code, words, modality=("PT", "CT"), **options)
    if tracer_in != "radiopharmaceutical":
        return written
    return [
        *written,
        _tracer_given(write, usual.partition("-")[0], drug, written[0], options.get("date")),
    ]


def _tracer_given(
    write: Writer, name: str, codes: list[tuple], scan: Resource, date: object
) -> Resource:
    link = {"reference": f"{scan['resourceType']}/{scan['id']}"}
    return write(
        "MedicationAdministration",
        "tracer",
        status="completed",
        medicationCodeableConcept=({"coding": [coding(code) for code in codes]} if codes else {})
        | {"text": name},
        effectiveDateTime=write.date(str(date or "-1 week")),
        **(
            {"partOf": [link]}
            if scan["resourceType"] == "Procedure"
            else {"supportingInformation": [link]}
        ),
    )


def mri(
    write: Writer,
    *,
    region: str = "breast",
    region_in: str = "code",
    coded: str | None = None,
    text: str | None = None,
    contrast: bool | None = None,
    **options: Any,
) -> list[Resource]:
    """An MRI. region: breast (the default: options as in `breast_examination`), spine, whole_spine, cervical, thoracic, lumbar, sacrum,
    pelvis, liver, abdomen, brain, whole_body; region_in: code, text, or bodySite (of an ImagingStudy or Procedure); coded: snomed,
    loinc or none; text; contrast: yes or no, in words. Other options as in `examination`."""
    if region == "breast":
        return breast_examination(write, "mri", **options)
    usual, site, codes = choice("region", region, MRI_OF)
    code = dialect(
        coded,
        codes
        if choice("region_in", region_in, ("code", "text", "bodySite")) == "code"
        else {"snomed": MRI},
    )
    words = text or (usual if region_in != "bodySite" else "MRI")
    if contrast is not None:
        words += " met contrast" if contrast else " zonder contrast"
    return examination(
        write,
        f"mri-{region.replace('_', '-')}",
        code,
        words,
        modality=("MR",),
        site=site if region_in == "bodySite" else None,
        **options,
    )


def ct(
    write: Writer,
    *,
    region: str = "thorax_abdomen",
    coded: str | None = None,
    text: str | None = None,
    **options: Any,
) -> list[Resource]:
    """A CT. region: thorax, abdomen or thorax_abdomen; coded: snomed, loinc or none; text. Other options as in `examination`."""
    usual, codes = choice("region", region, CT_OF)
    return examination(
        write, "ct", dialect(coded, codes), text or usual, modality=("CT",), **options
    )


def bone_scan(
    write: Writer, *, coded: str | None = None, text: str = "Skeletscintigrafie", **options: Any
) -> list[Resource]:
    """A bone scan. coded: snomed, loinc or none; text. Other options as in `examination`."""
    return examination(
        write, "bone-scan", dialect(coded, BONE_SCAN), text, modality=("NM",), **options
    )


def chest_xray(
    write: Writer,
    *,
    coded: str | None = None,
    text: str = "Röntgenfoto van de thorax",
    **options: Any,
) -> list[Resource]:
    """A chest film. coded: own or none; text. Other options as in `examination`."""
    return examination(
        write, "chest-xray", dialect(coded, CHEST_XRAY), text, modality=(), **options
    )


def liver_ultrasound(
    write: Writer,
    *,
    coded: str | None = None,
    text: str = "Echografie van de lever",
    **options: Any,
) -> list[Resource]:
    """Ultrasound of the liver. coded: own or none; text. Other options as in `examination`."""
    return examination(
        write,
        "liver-ultrasound",
        dialect(coded, LIVER_ULTRASOUND),
        text,
        modality=("US",),
        **options,
    )


def examination(
    write: Writer,
    name: str,
    code: tuple | None,
    text: str,
    /,
    *,
    modality: tuple = (),
    site: str | None = None,
    as_: str = "DiagnosticReport",
    date: str | None = None,
    status: str | None = None,
    conclusion: str | None = None,
    findings: list[Mapping] | None = None,
    linked: bool = True,
    remark: str | None = None,
) -> list[Resource]:
    """as: DiagnosticReport, ImagingStudy or Procedure; date; status (also planned, done, cancelled); conclusion: free text;
    findings: a list of options of `scan_finding`, linked: no -> not linked to the examination; remark: a note."""
    day = write.date(date)
    concepts, place = concept(code, text=text), body_site("none", "bodySite", site)
    if as_ == "DiagnosticReport":
        if place:
            raise ValueError(
                "region_in: a DiagnosticReport has no bodySite; code or text, or as: ImagingStudy or Procedure"
            )
        status = status_of(as_, status, "final")
        done = write(
            as_,
            name,
            status=status,
            code=concepts,
            effectiveDateTime=day,
            conclusion=conclusion or remark,
        )
    elif as_ == "ImagingStudy":
        kinds = [coding((DICOM, one, None)) for one in modality]
        series = [
            {
                "uid": f"2.25.{zlib.crc32(f'{write.patient_id} {name} {day} {kind}'.encode())}",
                "modality": kind,
            }
            for kind in kinds
        ]
        if place:
            for one in series:
                one["bodySite"] = (
                    place["coding"][0] if "coding" in place else {"display": place["text"]}
                )
        procedure_code = concept(code, text=None) if code else None
        told = {
            "description": text,
            "note": note(conclusion or remark),
            "procedureCode": listed(procedure_code),
        }
        done = write(
            as_,
            name,
            status=status_of(as_, status, "available"),
            modality=kinds or None,
            started=day,
            series=series or None,
            **told,
        )
    else:
        choice("as", as_, ("DiagnosticReport", "ImagingStudy", "Procedure"))
        outcome = conclusion and {"text": conclusion}
        status = status_of(as_, status, "completed")
        done = write(
            as_,
            name,
            status=status,
            code=concepts,
            bodySite=listed(place),
            performedDateTime=day,
            outcome=outcome,
            note=note(remark),
        )
    seen = [
        scan_finding(
            write,
            **{"date": date}
            | {"as_" if key == "as" else key: value for key, value in finding.items()},
        )
        for finding in findings or []
    ]
    if linked and seen and as_ == "DiagnosticReport":
        done["result"] = [{"reference": f"{one['resourceType']}/{one['id']}"} for one in seen]
    elif linked:
        for one in seen:
            one["derivedFrom" if as_ == "ImagingStudy" else "partOf"] = [
                {"reference": f"{as_}/{done['id']}"}
            ]
    return [done, *seen]


def scan_finding(
    write: Writer,
    *,
    site: str = "unspecified",
    level: str | None = None,
    side: str = "none",
    side_in: str = "text",
    certainty: str = "uncertain",
    date: str | None = None,
    status: str | None = None,
    coded: str = "value",
    text: str | None = None,
    as_: str = "Observation",
    linked: str = "no",
) -> Resource:
    """What was seen on a scan. site: a site of `metastasis`, or another of SITES; level: L3, Th8...; certainty: uncertain, suspicious,
    benign or none; coded: value (a lesion whose value says it), code (SNOMED equivocal imaging result), none (words only); text;
    as: Observation of category imaging, or Condition; linked: no, or ImagingStudy or Procedure: a reference to the first PET/CT of
    that type on record (a finding of a DiagnosticReport stands in the `findings` of `pet_ct`)."""
    adjective, value = choice("certainty", certainty, CERTAINTY)
    place = level or choice("site", site, SITES)[1]
    words = text or with_side(f"{adjective} {place}".rstrip(), side, side_in)
    choice("coded", coded, ("value", "code", "none"))
    if as_ == "Condition":
        status_truth = {"uncertain": "differential", "suspicious": "provisional"}.get(
            certainty, "confirmed"
        )
        known = None if coded == "none" else (OWN, "imaging-lesion", None)
        return condition(
            write,
            "finding",
            concept(known, text=words),
            side,
            side_in,
            site=None if coded == "none" else site,
            onset=date,
            verification=status_truth,
        )
    choice("as", as_, ("Observation", "Condition"))
    code = own("imaging-lesion", text or with_side(f"Laesie {place}".rstrip(), side, side_in))
    if coded == "code":
        code = concept((SNOMED, "408379005", "Imaging result equivocal"), text=words)
    elif coded == "none":
        code = {"text": words}
    about = in_category("imaging") | {
        "bodySite": None if coded == "none" else body_site(side, side_in, site)
    }
    about["valueCodeableConcept"] = value if coded == "value" else None
    found = observation(write, "finding", code, about, date=date, status=status)
    if linked not in ("no", False):
        element = {"ImagingStudy": "derivedFrom", "Procedure": "partOf"}
        found[choice("linked", linked, element)] = [
            {"reference": f"{linked}/{write.patient_id}-pet-ct-1"}
        ]
    return found
