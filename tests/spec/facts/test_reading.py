"""What every resource says in the same way: standing, current or history, time, side.

Expectations from the FHIR R4 value sets, the catalogue ("How criteria are judged"), decisions 6 and 7, and fhir-reading.
"""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from cds_service.facts import laterality as sides_of
from cds_service.facts import status as status_of
from cds_service.facts import timing
from cds_service.facts.model import Laterality
from cds_service.facts.status import not_understood
from cds_service.fhir.dates import Dates
from cds_service.fhir.elements import Unreadable
from cds_service.fhir.resource_types import KEYS, STANDING
from tests.spec.tables import TRUTHS, table

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 6, 15, 12, tzinfo=AMSTERDAM)
SNOMED = "http://snomed.info/sct"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
BORN = Dates(date(1974, 1, 15), date(1974, 1, 15))
NOT_RECORDED = "(none)"


def day(text):
    return None if text == "…" else date.fromisoformat(text)


def concept(*codings, text=None):
    written = [
        {"system": system, "code": code} | ({"display": display} if display else {})
        for system, code, display in codings
    ]
    return ({"coding": written} if written else {}) | ({"text": text} if text else {})


# --- standing: does what the resource says hold? void = never evidence

# Every code of the FHIR R4 status value sets (some of R5), a missing status, and a code that no value set has.
STATUS = """
    resource          | status           | holds
    ------------------+------------------+------
    Observation       | registered       | ?
    Observation       | preliminary      | ?
    Observation       | final            | yes
    Observation       | amended          | yes
    Observation       | corrected        | yes
    Observation       | cancelled        | void
    Observation       | entered-in-error | void
    Observation       | unknown          | ?
    Observation       | (none)           | ?
    Observation       | finished         | ?      # no code of the value set
    Observation       | Final            | ?      # the record puts codes into their spelling before (test_codes)
    DiagnosticReport  | registered       | no     # there is nothing yet
    DiagnosticReport  | partial          | ?
    DiagnosticReport  | preliminary      | ?
    DiagnosticReport  | final            | yes
    DiagnosticReport  | amended          | yes
    DiagnosticReport  | corrected        | yes
    DiagnosticReport  | appended         | yes
    DiagnosticReport  | cancelled        | void
    DiagnosticReport  | entered-in-error | void
    DiagnosticReport  | unknown          | ?
    DiagnosticReport  | (none)           | ?
    ImagingStudy      | registered       | no     # there is nothing yet
    ImagingStudy      | available        | yes
    ImagingStudy      | inactive         | yes    # R5: put away, but made
    ImagingStudy      | cancelled        | void
    ImagingStudy      | entered-in-error | void
    ImagingStudy      | unknown          | ?
    ImagingStudy      | (none)           | ?
    Procedure         | preparation      | no     # not done yet
    Procedure         | in-progress      | ?
    Procedure         | not-done         | no
    Procedure         | on-hold          | ?
    Procedure         | stopped          | ?      # nobody knows how far it came
    Procedure         | completed        | yes
    Procedure         | entered-in-error | void
    Procedure         | unknown          | ?
    Procedure         | (none)           | ?
    ServiceRequest    | draft            | yes    # decision 6: draft, active, on-hold and completed count as ordered
    ServiceRequest    | active           | yes
    ServiceRequest    | on-hold          | yes
    ServiceRequest    | completed        | yes
    ServiceRequest    | revoked          | void
    ServiceRequest    | entered-in-error | void
    ServiceRequest    | unknown          | void
    ServiceRequest    | (none)           | ?
"""
# What was added with the five guidelines after the first one.
MORE_STATUS = """
    resource                 | status                | holds
    -------------------------+-----------------------+------
    MedicationRequest        | draft                 | yes      # as other orders do, it counts from draft to completed
    MedicationRequest        | active                | yes
    MedicationRequest        | on-hold               | yes
    MedicationRequest        | completed             | yes
    MedicationRequest        | stopped               | yes      # what was stopped was given
    MedicationRequest        | ended                 | yes      # R5
    MedicationRequest        | cancelled             | void
    MedicationRequest        | entered-in-error      | void
    MedicationRequest        | unknown               | ?
    MedicationRequest        | (none)                | ?
    MedicationRequest        | given                 | ?      # no code of the value set
    MedicationAdministration | in-progress           | yes
    MedicationAdministration | completed             | yes
    MedicationAdministration | stopped               | yes
    MedicationAdministration | on-hold               | ?
    MedicationAdministration | not-done              | no
    MedicationAdministration | entered-in-error      | void
    MedicationAdministration | unknown               | ?
    MedicationAdministration | (none)                | ?
    MedicationAdministration | Completed             | ?      # as above
    MedicationStatement      | active                | yes
    MedicationStatement      | completed             | yes
    MedicationStatement      | stopped               | yes
    MedicationStatement      | recorded              | yes      # R5
    MedicationStatement      | on-hold               | ?
    MedicationStatement      | intended              | no      # not begun
    MedicationStatement      | not-taken             | no
    MedicationStatement      | entered-in-error      | void
    MedicationStatement      | unknown               | ?
    MedicationStatement      | (none)                | ?
    MedicationStatement      | draft                 | ?      # R5: not finished
    Encounter                | planned               | no      # it has not taken place
    Encounter                | arrived               | yes
    Encounter                | triaged               | yes
    Encounter                | in-progress           | yes
    Encounter                | onleave               | yes
    Encounter                | finished              | yes
    Encounter                | completed             | yes      # R5
    Encounter                | discharged            | yes      # R5
    Encounter                | cancelled             | void
    Encounter                | entered-in-error      | void
    Encounter                | unknown               | ?
    Encounter                | (none)                | ?
    Encounter                | discontinued          | ?      # R5: nobody knows how far it came
    Appointment              | proposed              | yes      # asked for, which answers the advice as an order does
    Appointment              | pending               | yes
    Appointment              | booked                | yes
    Appointment              | arrived               | yes
    Appointment              | checked-in            | yes
    Appointment              | fulfilled             | yes
    Appointment              | waitlist              | ?
    Appointment              | cancelled             | void
    Appointment              | noshow                | void
    Appointment              | entered-in-error      | void
    Appointment              | unknown               | ?      # no code of the value set
    Appointment              | (none)                | ?
    DocumentReference        | current               | yes
    DocumentReference        | superseded            | ?      # another version says it, or no longer does
    DocumentReference        | entered-in-error      | void
    DocumentReference        | unknown               | ?
    DocumentReference        | (none)                | ?
    DocumentReference        | final                 | ?      # a code of docStatus
    ResearchSubject          | candidate             | no      # not in the study yet
    ResearchSubject          | eligible              | no
    ResearchSubject          | potential-candidate   | no
    ResearchSubject          | screening             | no
    ResearchSubject          | ineligible            | no
    ResearchSubject          | not-registered        | no
    ResearchSubject          | pending-on-study      | yes
    ResearchSubject          | on-study              | yes
    ResearchSubject          | on-study-intervention | yes
    ResearchSubject          | on-study-observation  | yes
    ResearchSubject          | follow-up             | yes
    ResearchSubject          | off-study             | no
    ResearchSubject          | withdrawn             | no
    ResearchSubject          | active                | yes      # R5
    ResearchSubject          | draft                 | no      # R5
    ResearchSubject          | retired               | no      # R5
    ResearchSubject          | unknown               | ?
    ResearchSubject          | (none)                | ?
    ResearchSubject          | On-study              | ?
    CarePlan                 | active                | ?      # a type that nothing reads: never a guess
"""


@pytest.mark.parametrize("kind, status, asserted", table(STATUS) + table(MORE_STATUS))
def test_status(kind, status, asserted):
    resource = {"resourceType": kind} | ({} if status == NOT_RECORDED else {"status": status})
    assert status_of.status_truth(resource) is TRUTHS[asserted]


def test_every_code_that_is_read_stands_in_the_tables():
    told = {(kind, status) for kind, status, _ in table(STATUS) + table(MORE_STATUS)}
    assert {(kind, status) for kind, codes in STANDING.items() for status in codes} <= told
    read = {
        kind for kind in KEYS if kind not in ("Patient", "Condition", "AllergyIntolerance")
    }  # without a status, with two, and read by no fact
    assert read == set(STANDING) == {kind for kind, _ in told} - {"CarePlan"}
    assert {(kind, NOT_RECORDED) for kind in read} <= told


@pytest.mark.parametrize("status", ["unknown", "planned-for-later", "ACTIVE", ""])
@pytest.mark.parametrize("kind", [kind for kind in STANDING if kind != "ServiceRequest"])
def test_an_unknown_status_stays_unknown(kind, status):
    assert status_of.status_truth({"resourceType": kind, "status": status}) is TRUTHS["?"]


@pytest.mark.parametrize(
    "kind, status, asserted",
    [
        ("ServiceRequest", None, "yes"),
        ("ServiceRequest", "draft", "yes"),
        ("ServiceRequest", "revoked", "void"),
        ("MedicationRequest", None, "yes"),
        ("MedicationRequest", "draft", "yes"),
        ("MedicationRequest", "unknown", "?"),
        ("MedicationRequest", "cancelled", "void"),
    ],
)
def test_a_draft_without_status_is_a_draft(kind, status, asserted):
    assert (
        status_of.status_truth(
            {"resourceType": kind, **({"status": status} if status else {})}, drafted=True
        )
        is TRUTHS[asserted]
    )


def test_what_must_not_be_done_is_not_ordered():
    assert (
        status_of.status_truth(
            {"resourceType": "ServiceRequest", "status": "active", "doNotPerform": True}
        )
        is None
    )
    assert (
        status_of.status_truth(
            {"resourceType": "ServiceRequest", "status": "active", "doNotPerform": False}
        )
        is TRUTHS["yes"]
    )
    assert (
        status_of.status_truth(
            {"resourceType": "MedicationRequest", "status": "active", "doNotPerform": True}
        )
        is None
    )


@pytest.mark.parametrize("status", [1, True, ["final"], {"code": "final"}], ids=repr)
def test_a_status_that_is_no_code_is_unreadable(status):
    with pytest.raises(Unreadable, match=r"Observation\.status"):
        status_of.status_truth({"resourceType": "Observation", "status": status})


# FHIR codes (v), zib codings of SNOMED CT (s) and a coding of somebody's own (x) in Condition.verificationStatus.
# Decision 7: missing = confirmed; unconfirmed, provisional, differential = suspected.
VERIFIED = """
    codings                     | holds
    ----------------------------+------
    (none)                      | yes
    v:confirmed                 | yes
    v:unconfirmed               | ?
    v:provisional               | ?
    v:differential              | ?
    v:refuted                   | no
    v:entered-in-error          | void
    v:surely                    | ?      # no code of the value set
    s:410605003                 | yes    # zib: confirmed present
    s:415684004                 | ?      # zib: suspected
    s:410590009                 | ?      # zib: known possible
    s:410516002                 | no     # zib: known absent
    v:confirmed s:410605003     | yes
    v:unconfirmed s:415684004   | ?
    v:differential s:410590009  | ?
    v:refuted s:410516002       | no
    v:confirmed s:415684004     | ?      # the two disagree
    v:confirmed s:410516002     | no     # the cautious reading: it is not there
    v:confirmed v:refuted       | no
    v:refuted x:7               | no
    v:entered-in-error s:410605003 | void
"""
SYSTEMS = {"v": VERIFICATION, "s": SNOMED, "c": CLINICAL, "x": "https://hospital.example.org/codes"}


def codings_of(cell):
    pairs = [] if cell == NOT_RECORDED else [part.split(":") for part in cell.split()]
    return [(SYSTEMS[letter], code, None) for letter, code in pairs]


@pytest.mark.parametrize("codings, asserted", table(VERIFIED))
def test_verification_status(codings, asserted):
    written = codings_of(codings)
    resource = {"resourceType": "Condition"} | (
        {"verificationStatus": concept(*written)} if written else {}
    )
    assert status_of.status_truth(resource) is TRUTHS[asserted]


# One public German oncology data set adds a coding of its own to every verificationStatus.
@pytest.mark.parametrize(
    "codings, asserted", [("v:confirmed x:7", "yes"), ("s:410605003 x:7", "yes")]
)
def test_a_coding_of_somebodys_own_beside_a_known_one_says_nothing(codings, asserted):
    assert (
        status_of.status_truth(
            {"resourceType": "Condition", "verificationStatus": concept(*codings_of(codings))}
        )
        is TRUTHS[asserted]
    )


@pytest.mark.parametrize(
    "words, asserted",
    [
        ("Bevestigd", "yes"),
        ("confirmed ", "yes"),
        ("refuted", "no"),
        ("Uitgesloten", "no"),
        ("verdenking", "?"),
        ("vermoed", "?"),
        ("entered  in error", "void"),
        ("naar tevredenheid", "?"),
        ("niet bevestigd", "?"),
    ],
)
def test_verification_in_words(words, asserted):
    """Where no code says it, the whole text does; what is not understood is not missing."""
    assert (
        status_of.status_truth({"resourceType": "Condition", "verificationStatus": {"text": words}})
        is TRUTHS[asserted]
    )
    beside = {
        "coding": [{"system": "https://hospital.example.org/codes", "code": "7", "display": words}]
    }
    assert (
        status_of.status_truth({"resourceType": "Condition", "verificationStatus": beside})
        is TRUTHS[asserted]
    )
    told = {"coding": [{"code": "refuted"}], "text": words}
    assert (
        status_of.status_truth({"resourceType": "Condition", "verificationStatus": told})
        is TRUTHS["no"]
    ), "a code comes first"


# What is not understood is named: the element, and its value where that can be nothing but a code.
NOT_UNDERSTOOD = [
    ({"resourceType": "Observation", "status": "gereed"}, ['Observation.status: "gereed"']),
    ({"resourceType": "Observation", "status": "unknown"}, []),
    ({"resourceType": "Observation", "status": "final"}, []),
    ({"resourceType": "Observation"}, []),
    (
        {"resourceType": "Procedure", "status": "mevrouw A. Jansen, geboren 1970"},
        ["Procedure.status"],
    ),
    (
        {"resourceType": "DocumentReference", "status": "current", "docStatus": "getekend"},
        ['DocumentReference.docStatus: "getekend"'],
    ),
    (
        {"resourceType": "Condition", "clinicalStatus": {"coding": [{"code": "A"}]}},
        ['Condition.clinicalStatus: "A"'],
    ),
    (
        {
            "resourceType": "Condition",
            "clinicalStatus": {"coding": [{"code": "A"}], "text": "actief"},
        },
        [],
    ),
    ({"resourceType": "Condition", "clinicalStatus": {"coding": [{"code": "unknown"}]}}, []),
    ({"resourceType": "Condition", "clinicalStatus": {"text": "Onbekend"}}, []),
    (
        {"resourceType": "Condition", "clinicalStatus": {"extension": [{"url": "x"}]}},
        ["Condition.clinicalStatus"],
    ),
    (
        {"resourceType": "Condition", "verificationStatus": {"text": "zeker wel"}},
        ['Condition.verificationStatus: "zeker wel"'],
    ),
    ({"resourceType": "Condition"}, []),
    ({"resourceType": "Patient", "status": "x"}, []),
]


@pytest.mark.parametrize("resource, told", NOT_UNDERSTOOD, ids=lambda v: str(v)[:60])
def test_a_status_that_is_not_understood_is_named(resource, told):
    assert not_understood(resource) == told


@pytest.mark.parametrize(
    "malformed",
    ["confirmed", ["confirmed"], 1, {"coding": ["confirmed"]}, {"coding": [{"code": 1}]}],
    ids=repr,
)
def test_a_malformed_verification_status_is_unreadable(malformed):
    with pytest.raises(Unreadable, match=r"Condition\.verificationStatus"):
        status_of.status_truth({"resourceType": "Condition", "verificationStatus": malformed})


# --- current: does the condition still exist?

# Decision 7: clinicalStatus missing = active unless abated; malformed = unknown. A resolved one is history.
CURRENT = """
    clinicalStatus     | abatement                          | still exists?
    -------------------+------------------------------------+--------------
    c:active           | -                                  | yes
    c:recurrence       | -                                  | yes
    c:relapse          | -                                  | yes
    c:inactive         | -                                  | no
    c:remission        | -                                  | no
    c:resolved         | -                                  | no
    c:resolved         | abatementDateTime 2026-05-01       | no
    c:unknown          | -                                  | ?     # R5
    s:55561003         | -                                  | yes   # zib: active
    s:73425007         | -                                  | no    # zib: inactive
    s:413322009        | -                                  | no    # problem resolved
    s:55561003         | abatementDateTime 2026-05-01       | ?     # contradicts itself
    c:chronic          | -                                  | ?     # no code of the value set
    text:chronisch     | -                                  | ?     # only words
    (none)             | -                                  | yes
    (none)             | abatementDateTime 2026-05-01       | no
    (none)             | abatementDateTime 2026-05          | no
    (none)             | abatementDateTime 2026-06-15       | no
    (none)             | abatementDateTime 2026-07-01       | yes   # expected to end, not ended
    (none)             | abatementDateTime 2027             | yes
    (none)             | abatementString sinds mei over     | no
    (none)             | abatementBoolean true              | no    # STU3
    (none)             | abatementBoolean false             | yes
    (none)             | abatementAge 51                    | no
    (none)             | abatementPeriod 2026-04-01         | no
    c:active           | abatementDateTime 2026-05-01       | ?     # contradicts itself
    c:active           | abatementDateTime 2026-07-01       | yes
    c:recurrence       | abatementDateTime 2026-05-01       | ?
    c:active c:resolved | -                                 | ?
"""


@pytest.mark.parametrize("clinical, abatement, exists", table(CURRENT))
def test_still_exists(clinical, abatement, exists):
    resource = {"resourceType": "Condition"}
    if clinical.startswith("text:"):
        resource["clinicalStatus"] = {"text": clinical.removeprefix("text:")}
    elif clinical != NOT_RECORDED:
        resource["clinicalStatus"] = concept(*codings_of(clinical))
    if abatement != "-":
        element, value = abatement.split(" ", 1)
        shapes = {
            "abatementBoolean": value == "true",
            "abatementAge": {"value": 51, "code": "a"},
            "abatementPeriod": {"start": value},
        }
        resource[element] = shapes.get(element, value)
    assert status_of.current(resource, NOW, AMSTERDAM) is TRUTHS[exists]


@pytest.mark.parametrize("kind", STANDING)
def test_only_a_condition_comes_to_an_end(kind):
    assert status_of.current({"resourceType": kind}, NOW, AMSTERDAM) is TRUTHS["yes"]


@pytest.mark.parametrize("codings, exists", [("c:active x:7", "yes"), ("c:resolved x:7", "no")])
def test_a_clinical_status_with_a_coding_of_somebodys_own(codings, exists):
    assert (
        status_of.current(
            {"resourceType": "Condition", "clinicalStatus": concept(*codings_of(codings))},
            NOW,
            AMSTERDAM,
        )
        is TRUTHS[exists]
    )


# When it came to an end: a date or the end of a period; other forms say that it ended, not when.
ENDED = """
    abatement                                                             | earliest   | latest
    ----------------------------------------------------------------------+------------+-----------
    {}                                                                    | …          | …
    {"abatementDateTime": "2026-05-01"}                                   | 2026-05-01 | 2026-05-01
    {"abatementDateTime": "2026-05"}                                      | 2026-05-01 | 2026-05-31
    {"abatementDateTime": "2026-04-30T23:30:00Z"}                         | 2026-05-01 | 2026-05-01
    {"abatementDateTime": "2027"}                                         | 2027-01-01 | 2027-12-31   # expected: `current` tells that it goes on
    {"abatementPeriod": {"start": "2026-04-01", "end": "2026-05-01"}}     | 2026-05-01 | 2026-05-01   # over when all of it is
    {"abatementPeriod": {"end": "2026-05"}}                               | 2026-05-01 | 2026-05-31
    {"abatementPeriod": {"start": "2026-04-01"}}                          | …          | …
    {"abatementPeriod": {}}                                               | …          | …
    {"abatementAge": {"value": 51, "code": "a"}}                          | …          | …
    {"abatementString": "in mei over"}                                    | …          | …
    {"abatementBoolean": true}                                            | …          | …
    {"abatementDateTime": "2026-05-01", "abatementPeriod": {"end": "2026-06-01"}} | 2026-05-01 | 2026-05-01
"""


@pytest.mark.parametrize("abatement, earliest, latest", table(ENDED))
def test_when_it_ended(abatement, earliest, latest):
    found = timing.ended({"resourceType": "Condition", **json.loads(abatement)}, AMSTERDAM)
    assert (found.earliest, found.latest) == (day(earliest), day(latest))


@pytest.mark.parametrize(
    "malformed",
    [
        {"abatementDateTime": "vorig jaar"},
        {"abatementDateTime": 2026},
        {"abatementDateTime": ""},
        {"abatementPeriod": {"end": "2026-13"}},
        {"abatementPeriod": {"end": 1}},
    ],
    ids=repr,
)
def test_an_end_that_is_no_date_is_unreadable_and_its_message_holds_no_value(malformed):
    with pytest.raises(Unreadable) as refused:
        timing.ended({"resourceType": "Condition", **malformed}, AMSTERDAM)
    assert (
        refused.value.path.startswith(f"Condition.{next(iter(malformed))}")
        and str(refused.value) == refused.value.path
    )


@pytest.mark.parametrize(
    "malformed",
    [
        {"clinicalStatus": "active"},
        {"clinicalStatus": 1},
        {"abatementDateTime": "vorig jaar"},
        {"abatementPeriod": "2026"},
    ],
    ids=repr,
)
def test_a_malformed_end_is_unreadable(malformed):
    """Among them the string of STU3."""
    with pytest.raises(Unreadable, match="Condition"):
        status_of.current({"resourceType": "Condition", **malformed}, NOW, AMSTERDAM)


# --- onset[x] in all its forms; the patient was born on 15 January 1974

ONSET = """
    element       | value                                             | earliest   | latest
    --------------+---------------------------------------------------+------------+-----------
    onsetDateTime | 2026-03-10                                        | 2026-03-10 | 2026-03-10
    onsetDateTime | 2026-03                                           | 2026-03-01 | 2026-03-31
    onsetDateTime | 2026                                              | 2026-01-01 | 2026-12-31
    onsetDateTime | 2026-03-09T23:30:00Z                              | 2026-03-10 | 2026-03-10
    onsetPeriod   | {"start": "2026-03-10"}                           | 2026-03-10 | 2026-03-10   # an open period counts from its start (decision 10i)
    onsetPeriod   | {"start": "2026-03"}                              | 2026-03-01 | 2026-03-31
    onsetPeriod   | {"start": "2026-03-10", "end": "2026-05-01"}      | 2026-03-10 | 2026-05-01   # a closed one is an interval
    onsetPeriod   | {"start": "2026-03", "end": "2026-05"}            | 2026-03-01 | 2026-05-31
    onsetPeriod   | {"end": "2026-05-01"}                             | …          | 2026-05-01   # no later than its end
    onsetPeriod   | {}                                                | …          | …
    onsetAge      | {"value": 52, "unit": "jaar", "code": "a"}        | 2026-01-15 | 2027-01-14   # 52 until the day before her 53rd birthday
    onsetAge      | {"value": 50, "code": "a"}                        | 2024-01-15 | 2025-01-14
    onsetAge      | {"value": 626, "code": "mo"}                      | 2026-03-15 | 2026-04-14
    onsetAge      | {"value": 52, "unit": "years"}                    | 2026-01-15 | 2027-01-14
    onsetAge      | {"value": 10, "code": "d"}                        | 1974-01-25 | 1974-01-25
    onsetAge      | {"value": 2, "code": "wk"}                        | 1974-01-29 | 1974-02-04
    onsetRange    | {"low": {"value": 50, "code": "a"}, "high": {"value": 52, "code": "a"}} | 2024-01-15 | 2027-01-14
    onsetRange    | {"low": {"value": 50, "code": "a"}}               | 2024-01-15 | …
    onsetRange    | {"high": {"value": 52, "code": "a"}}              | …          | 2027-01-14
    onsetString   | "sinds een paar weken"                            | …          | …   # words say nothing about a date
    (none)        | null                                              | …          | …
"""


def element(name, value):
    return (
        {} if name == NOT_RECORDED else {name: json.loads(value) if value[:1] in '{["' else value}
    )


@pytest.mark.parametrize("name, value, earliest, latest", table(ONSET))
def test_onset(name, value, earliest, latest):
    began = timing.onset({"resourceType": "Condition", **element(name, value)}, AMSTERDAM, BORN)
    assert (began.earliest, began.latest) == (day(earliest), day(latest))


UNCERTAIN_BIRTH = """
    born      | age at onset | earliest   | latest
    ----------+--------------+------------+-----------
    1974      | 52           | 2026-01-01 | 2027-12-30   # born 1 January to 31 December 1974
    1974-06   | 51           | 2025-06-01 | 2026-06-29   # born 1 to 30 June; 51 until 29 June 2026
    not known | 52           | …          | …
"""


@pytest.mark.parametrize("born, age, earliest, latest", table(UNCERTAIN_BIRTH))
def test_onset_as_age_of_a_patient_whose_birth_date_is_not_exact(born, age, earliest, latest):
    birth = {
        "1974": Dates(date(1974, 1, 1), date(1974, 12, 31)),
        "1974-06": Dates(date(1974, 6, 1), date(1974, 6, 30)),
        "not known": Dates(),
    }[born]
    began = timing.onset(
        {"resourceType": "Condition", "onsetAge": {"value": int(age), "code": "a"}},
        AMSTERDAM,
        birth,
    )
    assert (began.earliest, began.latest) == (day(earliest), day(latest))


MALFORMED = [
    {"onsetDateTime": "maart 2026"},
    {"onsetDateTime": 2026},
    {"onsetDateTime": ""},
    {"onsetPeriod": "2026"},
    {"onsetPeriod": {"start": "2026-13"}},
    {"onsetPeriod": {"start": "2026-05-01", "end": "2026-03-01"}},
    {"onsetPeriod": [{"start": "2026"}, {"start": "2025"}]},
    {"onsetAge": 52},
    {"onsetAge": "52 jaar"},
    {"onsetAge": {"unit": "jaar"}},
    {"onsetAge": {"value": "52", "code": "a"}},
    {"onsetAge": {"value": True, "code": "a"}},
    {"onsetAge": {"value": -1, "code": "a"}},
    {"onsetAge": {"value": 5200, "code": "a"}},
    {"onsetAge": {"value": 52, "code": "kg"}},
    {"onsetAge": {"value": 52, "code": "a", "comparator": "<"}},
    {"onsetRange": "50-52"},
    {"onsetRange": {"low": 50}},
]


@pytest.mark.parametrize("malformed", MALFORMED, ids=repr)
def test_a_malformed_onset_is_unreadable_and_its_message_holds_no_value(malformed):
    (name,) = malformed
    with pytest.raises(Unreadable) as refused:
        timing.onset({"resourceType": "Condition", **malformed}, AMSTERDAM, BORN)
    assert refused.value.path.startswith(f"Condition.{name}")
    assert str(refused.value) == refused.value.path


@pytest.mark.parametrize("malformed", [[], [None]], ids=repr)
def test_an_empty_range_is_unreadable(malformed):
    with pytest.raises(Unreadable):
        timing.onset({"resourceType": "Condition", "onsetRange": malformed}, AMSTERDAM, BORN)


# --- when an examination, observation, procedure or order took place

EVENT = """
    resource         | elements                                                                          | earliest   | latest
    -----------------+-----------------------------------------------------------------------------------+------------+-----------
    Observation      | {"effectiveDateTime": "2026-03-10", "issued": "2026-03-12T10:00:00Z"}             | 2026-03-10 | 2026-03-10
    Observation      | {"effectiveInstant": "2026-03-10T10:00:00Z"}                                      | 2026-03-10 | 2026-03-10
    Observation      | {"effectivePeriod": {"start": "2026-03-10", "end": "2026-03-20"}}                 | 2026-03-10 | 2026-03-20
    Observation      | {"effectivePeriod": {"start": "2026-03-10"}}                                      | 2026-03-10 | …
    Observation      | {"issued": "2026-03-12T10:00:00Z"}                                                | 2026-03-12 | 2026-03-12
    Observation      | {"effectiveTiming": {"event": ["2026-03-10"]}, "issued": "2026-03-12T10:00:00Z"}  | 2026-03-12 | 2026-03-12
    Observation      | {}                                                                                | …          | …
    DiagnosticReport | {"effectiveDateTime": "2026-03", "issued": "2026-04-12T10:00:00Z"}                | 2026-03-01 | 2026-03-31   # the examination, not the letter
    DiagnosticReport | {"issued": "2026-04-12T10:00:00Z"}                                                | 2026-04-12 | 2026-04-12
    ImagingStudy     | {"started": "2026-03-10T08:00:00Z"}                                               | 2026-03-10 | 2026-03-10
    ImagingStudy     | {"series": [{"started": "2026-03-11"}, {"started": "2026-03-10"}, {}]}            | 2026-03-10 | 2026-03-10   # its first series
    Procedure        | {"performedDateTime": "2026-03-10"}                                               | 2026-03-10 | 2026-03-10
    Procedure        | {"performedPeriod": {"start": "2026-03-10", "end": "2026-03-11"}}                 | 2026-03-10 | 2026-03-11
    Procedure        | {"performedString": "vorig jaar"}                                                 | …          | …
    Procedure        | {"performedAge": {"value": 52, "code": "a"}}                                      | 2026-01-15 | 2027-01-14
    Procedure        | {"occurrenceDateTime": "2026-03-10"}                                              | 2026-03-10 | 2026-03-10   # R5
    ServiceRequest   | {"authoredOn": "2026-03-10", "occurrenceDateTime": "2026-09-01"}                  | 2026-03-10 | 2026-03-10   # when it was ordered
    ServiceRequest   | {"occurrenceDateTime": "2026-09-01"}                                              | …          | …
    MedicationRequest | {"authoredOn": "2026-03-10", "dispenseRequest": {"validityPeriod": {"start": "2026-04-01"}}} | 2026-03-10 | 2026-03-10
    MedicationRequest | {}                                                                               | …          | …
    MedicationAdministration | {"effectiveDateTime": "2026-03-10"}                                       | 2026-03-10 | 2026-03-10
    MedicationAdministration | {"effectivePeriod": {"start": "2026-03-10", "end": "2026-03-11"}}         | 2026-03-10 | 2026-03-11
    MedicationAdministration | {"occurenceDateTime": "2026-03-10"}                                       | 2026-03-10 | 2026-03-10   # R5, as it is spelt there
    MedicationStatement | {"effectivePeriod": {"start": "2026-03"}, "dateAsserted": "2026-05-01"}        | 2026-03-01 | …
    MedicationStatement | {"dateAsserted": "2026-05-01"}                                                 | 2026-05-01 | 2026-05-01
    Encounter        | {"period": {"start": "2026-03-10", "end": "2026-03-11"}}                          | 2026-03-10 | 2026-03-11
    Encounter        | {"actualPeriod": {"start": "2026-03-10", "end": "2026-03-10"}}                    | 2026-03-10 | 2026-03-10   # R5
    DocumentReference | {"date": "2026-03-10T10:00:00Z"}                                                 | 2026-03-10 | 2026-03-10
    Appointment      | {"start": "2026-03-10T10:00:00Z", "created": "2026-02-01"}                        | 2026-03-10 | 2026-03-10   # when it is, not when it was made
    Appointment      | {"created": "2026-02-01"}                                                         | …          | …
    ResearchSubject  | {"period": {"start": "2026-01-01"}}                                               | 2026-01-01 | …
"""


@pytest.mark.parametrize("kind, elements, earliest, latest", table(EVENT))
def test_event_time(kind, elements, earliest, latest):
    found = timing.event_time({"resourceType": kind, **json.loads(elements)}, AMSTERDAM, BORN)
    assert (found.earliest, found.latest) == (day(earliest), day(latest))


@pytest.mark.parametrize(
    "kind, elements",
    [
        ("Observation", {"effectiveDateTime": "gisteren"}),
        ("Observation", {"effectivePeriod": {"start": "2026-05", "end": "2026-03"}}),
        ("ImagingStudy", {"started": "10:30"}),
        ("ImagingStudy", {"series": [{"started": "10:30"}]}),
        ("ServiceRequest", {"authoredOn": 2026}),
        ("MedicationRequest", {"authoredOn": "gisteren"}),
        ("MedicationAdministration", {"effectivePeriod": "2026"}),
        ("MedicationStatement", {"dateAsserted": 1}),
        ("Encounter", {"period": {"start": "10:30"}}),
        ("DocumentReference", {"date": "maart"}),
        ("Appointment", {"start": "10:30"}),
        ("ResearchSubject", {"period": ["x"]}),
    ],
)
def test_a_malformed_event_time_is_unreadable(kind, elements):
    with pytest.raises(Unreadable, match=kind):
        timing.event_time({"resourceType": kind, **elements}, AMSTERDAM, BORN)


@pytest.mark.parametrize("value, expected", [("2026-03-10", date(2026, 3, 10)), (None, None)])
def test_recorded_date(value, expected):
    assert (
        timing.recorded({"resourceType": "Condition", "recordedDate": value}, AMSTERDAM).earliest
        == expected
    )


# --- the side

BREAST, LEFT_BREAST, RIGHT_BREAST, BOTH_BREASTS = (
    (SNOMED, code, None) for code in ("76752008", "80248007", "73056007", "63762007")
)
LEFT, RIGHT, BILATERAL = ((SNOMED, code, None) for code in ("7771000", "24028007", "51440002"))
ZIB = "http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier"


def with_side(url, *sides):
    return {
        "extension": [{"url": url, "valueCodeableConcept": concept(side)} for side in sides],
        **concept(BREAST),
    }


def series(*sides, **more):
    return [
        {"modality": {"code": "MG"}, "laterality": {"system": side[0], "code": side[1]}, **more}
        for side in sides
    ]


# (what it shows, resource, sides that matched codes hold by themselves) -> side
SIDES = [
    ("nothing said", {"code": {"text": "Tepelvloed"}}, (), "unknown"),
    ("pre-coordinated code", {"code": {"text": "MG Breast"}}, ("left",), "left"),
    ("pre-coordinated code, both", {"code": {"text": "MG Breast"}}, ("both",), "both"),
    ("two codes, left and right", {"code": {"text": "MG Breast"}}, ("left", "right"), "conflict"),
    ("body site: left breast", {"bodySite": concept(LEFT_BREAST)}, (), "left"),
    ("body site in a list (Condition)", {"bodySite": [concept(RIGHT_BREAST)]}, (), "right"),
    ("body site: both breasts", {"bodySite": [concept(BOTH_BREASTS)]}, (), "both"),
    (
        "body site: breast, and left as a second coding",
        {"bodySite": concept(BREAST, LEFT)},
        (),
        "left",
    ),
    ("body site: breast, no side", {"bodySite": concept(BREAST)}, (), "unknown"),
    (
        "several body sites: left and right breast",
        {"bodySite": [concept(LEFT_BREAST), concept(RIGHT_BREAST)]},
        (),
        "both",
    ),
    (
        "several body sites: breast, and left breast",
        {"bodySite": [concept(BREAST), concept(LEFT_BREAST)]},
        (),
        "left",
    ),
    ("zib laterality: left", {"bodySite": [with_side(ZIB, LEFT)]}, (), "left"),
    ("zib laterality: bilateral", {"bodySite": [with_side(ZIB, BILATERAL)]}, (), "both"),
    ("mCODE laterality: right", {"bodySite": [with_side(MCODE, RIGHT)]}, (), "right"),
    (
        "left breast with the extension right",
        {"bodySite": [{**with_side(ZIB, RIGHT), **concept(LEFT_BREAST)}]},
        (),
        "conflict",
    ),
    (
        "left breast with the extension left",
        {"bodySite": [{**with_side(ZIB, LEFT), **concept(LEFT_BREAST)}]},
        (),
        "left",
    ),
    (
        "laterality as a Coding",
        {
            "bodySite": [
                {
                    "extension": [
                        {"url": ZIB, "valueCoding": {"system": SNOMED, "code": "7771000"}}
                    ],
                    **concept(BREAST),
                }
            ]
        },
        (),
        "left",
    ),
    (
        "nested extension",
        {
            "bodySite": [
                {
                    "extension": [
                        {
                            "url": "x",
                            "extension": [{"url": "side", "valueCodeableConcept": concept(LEFT)}],
                        }
                    ],
                    **concept(BREAST),
                }
            ]
        },
        (),
        "left",
    ),
    (
        "ImagingStudy: series left",
        {"resourceType": "ImagingStudy", "series": series(LEFT)},
        (),
        "left",
    ),
    (
        "ImagingStudy: series left and right",
        {"resourceType": "ImagingStudy", "series": series(LEFT, RIGHT)},
        (),
        "both",
    ),
    (
        "ImagingStudy: two series of the left",
        {"resourceType": "ImagingStudy", "series": series(LEFT, LEFT)},
        (),
        "left",
    ),
    (
        "ImagingStudy: side in the series' body site",
        {
            "resourceType": "ImagingStudy",
            "series": [{"bodySite": {"system": SNOMED, "code": "80248007"}}],
        },
        (),
        "left",
    ),
    (
        "ImagingStudy: side in the procedure code",
        {"resourceType": "ImagingStudy", "procedureCode": [concept(LEFT_BREAST)]},
        (),
        "left",
    ),
    (
        "ImagingStudy: description",
        {"resourceType": "ImagingStudy", "description": "Mammografie rechts"},
        (),
        "right",
    ),
    (
        "ImagingStudy: series description",
        {"resourceType": "ImagingStudy", "series": [{"description": "L CC links"}]},
        (),
        "left",
    ),
    (
        "ImagingStudy: display of an unlisted laterality code",
        {
            "resourceType": "ImagingStudy",
            "series": [
                {
                    "laterality": {
                        "system": SNOMED,
                        "code": "419161000",
                        "display": "Unilateral left",
                    }
                }
            ],
        },
        (),
        "left",
    ),
    (
        "component value",
        {"component": [{"code": {"text": "Zijde"}, "valueCodeableConcept": concept(RIGHT)}]},
        (),
        "right",
    ),
    ("text of the code", {"code": {"text": "Bloederige tepelvloed links"}}, (), "left"),
    ("display of the code", {"code": concept((SNOMED, "1", "Mass of right breast"))}, (), "right"),
    ("text of the body site", {"bodySite": [{"text": "linkerborst"}]}, (), "left"),
    ("valueString", {"valueString": "tepelvloed rechts"}, (), "right"),
    ("note", {"note": [{"text": "gaat om de rechter borst"}]}, (), "right"),
    (
        "order detail",
        {"resourceType": "ServiceRequest", "orderDetail": [{"text": "links"}]},
        (),
        "left",
    ),
    ("text says both", {"code": {"text": "Tepelvloed beiderzijds"}}, (), "both"),
    ("text says left and right", {"code": {"text": "Tepelvloed links en rechts"}}, (), "both"),
    (
        "the thing itself before a remark",
        {"code": {"text": "Tepelvloed links"}, "note": [{"text": "rechts eerder geopereerd"}]},
        (),
        "left",
    ),
    (
        "a code before words",
        {
            "bodySite": [concept(LEFT_BREAST)],
            "code": {"text": "Tepelvloed"},
            "valueString": "rechts",
        },
        (),
        "left",
    ),
    (
        "a code before a remark",
        {
            "bodySite": [concept(LEFT_BREAST)],
            "code": {"text": "Tepelvloed"},
            "note": [{"text": "rechts"}],
        },
        (),
        "left",
    ),
    (
        "the name and the body site disagree",
        {"bodySite": [concept(LEFT_BREAST)], "code": {"text": "Tepelvloed rechts"}},
        (),
        "conflict",
    ),
    (
        "the name and the body site agree",
        {"bodySite": [concept(LEFT_BREAST)], "code": {"text": "Tepelvloed links"}},
        (),
        "left",
    ),
    (
        "the words and the code of one body site disagree",
        {"bodySite": [concept(LEFT_BREAST) | {"text": "rechterborst"}]},
        (),
        "conflict",
    ),
    (
        "a name of both sides beside one code",
        {"bodySite": [concept(LEFT_BREAST)], "code": {"text": "Mammografie links en rechts"}},
        (),
        "left",
    ),
    ("code and body site disagree", {"bodySite": [concept(RIGHT_BREAST)]}, ("left",), "conflict"),
    ("code and body site agree", {"bodySite": [concept(LEFT_BREAST)]}, ("left",), "left"),
    (
        "body site and component disagree",
        {
            "bodySite": [concept(LEFT_BREAST)],
            "component": [{"valueCodeableConcept": concept(RIGHT)}],
        },
        (),
        "conflict",
    ),
]


@pytest.fixture(scope="module")
def laterality(library):
    return library.value_sets["laterality"]


@pytest.mark.parametrize(
    "resource, coded, expected", [row[1:] for row in SIDES], ids=[row[0] for row in SIDES]
)
def test_side(resource, coded, expected, laterality):
    assert sides_of.side(
        {"resourceType": "Observation", **resource}, laterality, coded
    ) is Laterality(expected)


@pytest.mark.parametrize(
    "value, expected",
    [
        ({"text": "Bloederige tepelvloed links"}, "left"),
        (concept((SNOMED, "1", "Discharge from right nipple")), "right"),
    ],
)
def test_side_in_the_words_of_a_coded_value(value, expected, laterality):
    """facts.yaml reads the finding itself from valueCodeableConcept; its side stands in the same words."""
    resource = {
        "resourceType": "Observation",
        "code": {"text": "Bevinding"},
        "valueCodeableConcept": value,
    }
    assert sides_of.side(resource, laterality, ()) is Laterality(expected)


# FHIR R4 binds ImagingStudy.series.laterality to these (example binding); without a display they are not understood.
@pytest.mark.parametrize("code, expected", [("419161000", "left"), ("419465000", "right")])
def test_the_laterality_codes_of_fhirs_own_example_binding(code, expected, laterality):
    assert sides_of.side(
        {
            "resourceType": "ImagingStudy",
            "series": [{"laterality": {"system": SNOMED, "code": code}}],
        },
        laterality,
        (),
    ) is Laterality(expected)


@pytest.mark.parametrize(
    "malformed",
    [
        {"bodySite": [{"coding": "80248007"}]},
        {"bodySite": [{"coding": [{"code": 80248007}]}]},
        {"note": ["links"]},
        {"note": [{"text": 1}]},
        {"component": "x"},
        {"bodySite": [{"extension": "x"}]},
    ],
    ids=repr,
)
def test_a_malformed_side_is_unreadable(malformed, laterality):
    with pytest.raises(Unreadable):
        sides_of.side({"resourceType": "Observation", **malformed}, laterality, ())


# Left-sided imaging says nothing about the right breast; unknown is unknown; a bilateral result counts for both.
COVERS = """
    of the resource | left | right | unknown
    ----------------+------+-------+--------
    left            | yes  | no    | ?
    right           | no   | yes   | ?
    both            | yes  | yes   | yes
    unknown         | ?    | ?     | ?
    conflict        | ?    | ?     | ?
"""


@pytest.mark.parametrize("this, left, right, unknown", table(COVERS))
def test_which_breast_a_side_covers(this, left, right, unknown):
    answers = [
        Laterality(this).covers(other)
        for other in (Laterality.LEFT, Laterality.RIGHT, Laterality.UNKNOWN)
    ]
    assert answers == [TRUTHS[cell] for cell in (left, right, unknown)]
