"""Words for how care is arranged: the multidisciplinary meeting, studies, what the patient prefers."""

from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .building import (
    LOINC,
    OWN,
    SNOMED,
    choice,
    concept,
    dialect,
    in_category,
    observation,
    procedure,
    refuse,
    status_of,
    without_subject,
)
from .ordering import order

MDT = {
    "snomed": (SNOMED, "399414003", "Multidisciplinary care conference for cancer care planning"),
    "own": (OWN, "mdt", None),
}
_MDT_AS = ("Procedure", "Encounter", "DocumentReference", "ServiceRequest", "Appointment")
_SUBJECT_STATUS = (  # noqa: SIM905 - a line of words
    "candidate eligible follow-up ineligible not-registered off-study on-study on-study-intervention on-study-observation pending-on-study "
    "potential-candidate screening withdrawn"
).split()


def mdt(
    write: Writer,
    *,
    as_: str = "Procedure",
    date: str | None = None,
    status: str | None = None,
    coded: str | None = None,
    text: str = "MDO mammacarcinoom",
    conclusion: str | None = None,
    **options: Any,
) -> Resource:
    """A multidisciplinary meeting. as: Procedure, Encounter, DocumentReference (its report), ServiceRequest or Appointment; status: done,
    planned, cancelled, or the FHIR status (a ServiceRequest and an Appointment are planned, the others done unless said); coded: snomed, own or none (a
    DocumentReference: loinc or none); text; conclusion (Procedure, DocumentReference): what was decided, in words; of a ServiceRequest the rest as in `order`."""
    choice("as", as_, _MDT_AS)
    if as_ == "ServiceRequest":
        return order(
            write, "mdt", MDT, text, site=None, coded=coded, status=status, date=date, **options
        )
    if as_ == "Procedure":
        outcome = {"outcome": conclusion and {"text": conclusion}}
        return procedure(
            write,
            "mdt",
            MDT,
            text,
            outcome,
            site=None,
            date=date,
            status=status,
            coded=coded,
            **options,
        )
    refuse(options, as_)
    if as_ == "DocumentReference":
        kind = concept(
            dialect(coded, {"loinc": (LOINC, "85232-7", "Tumor board Consult note")}), text=text
        )
        content = [{"attachment": {"contentType": "text/plain", "title": f"Verslag {text}"}}]
        day = write.date(date)
        told = {
            "type": kind,
            "date": day and f"{day}T12:00:00Z",
            "description": conclusion,
            "content": content,
        }
        return write(as_, "mdt", status=status_of(as_, status, "current"), **told)
    about = concept(dialect(coded, MDT), text=text)
    if as_ == "Encounter":
        ambulatory = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
        when = None if date is None else {"start": write.date(date)}
        return write(
            as_,
            "mdt",
            status=status_of(as_, status, "finished"),
            **{"class": ambulatory},
            type=[about],
            period=when,
        )
    known = {"planned": "booked", "done": "fulfilled"} | {
        code: code
        for code in "proposed pending booked arrived fulfilled cancelled noshow entered-in-error".split()  # noqa: SIM905 - a line of words
    }
    written = write(
        as_,
        "mdt",
        status=choice("status", status or "planned", known),
        serviceType=[about],
        description=text,
    )
    day = write.date(date)
    hours = {"start": f"{day}T12:00:00Z", "end": f"{day}T12:30:00Z"} if day else {}
    return (
        without_subject(written, participant=[{"actor": written["subject"], "status": "accepted"}])
        | hours
    )


def study(
    write: Writer,
    *,
    status: str = "on-study",
    date: str | None = None,
    until: str | None = None,
    title: str = "Onderzoek bij borstkanker",
) -> Resource:
    """Taking part in a study: a ResearchSubject. status: on-study, candidate, off-study, withdrawn, ... as in FHIR; date, until; title."""
    dates = {end: write.date(day) for end, day in (("start", date), ("end", until)) if day} or None
    written = write(
        "ResearchSubject",
        "study",
        status=choice("status", status, _SUBJECT_STATUS),
        period=dates,
        study={"display": title},
    )
    return without_subject(written, individual=written["subject"])


def preference(
    write: Writer, *, text: str, date: str | None = None, coded: str | None = None
) -> Resource:
    """What the patient prefers, or was decided with her. text: in words; coded: loinc or none."""
    code = dialect(
        coded,
        {
            "loinc": (
                LOINC,
                "75773-2",
                "Goals, preferences, and priorities for medical treatment [Reported]",
            )
        },
    )
    return observation(
        write,
        "preference",
        concept(code, text="Voorkeur van de patiënt"),
        in_category("survey") | {"valueString": text},
        date=date,
    )
