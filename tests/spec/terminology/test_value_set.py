"""Codes and value sets: check digits, one meaning under several system names, subcodes, codes that only hint, loader faults.

The codes here are the tests' own; wrong ones are among those that circulate with a wrong check digit.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical_text.terms import Term
from cds_service.facts.matching import matches
from cds_service.fhir.elements import Unreadable
from cds_service.terminology.systems import DCM, ICD10, LOINC, PROJECT, SNOMED, code_faults
from cds_service.terminology.value_set import COLUMNS, Match, ValueSet, load_value_set
from tests.spec.tables import table

# --- a coding system is a type with its own syntax

CODES = """
    system                                 | code                                   | well-formed
    ---------------------------------------+----------------------------------------+------------
    http://snomed.info/sct                 | 54302000                               | yes   # discharge from nipple
    http://snomed.info/sct                 | 7771000                                | yes   # left
    http://snomed.info/sct                 | 24028007                               | yes   # right
    http://snomed.info/sct                 | 99571000119102                         | yes   # long format
    http://snomed.info/sct                 | 138875005                              | yes   # the root concept
    http://snomed.info/sct                 | 54302001                               | no    # check digit
    http://snomed.info/sct                 | 45302000                               | no    # two digits exchanged
    http://snomed.info/sct                 | 870370003                              | no    # circulates, fails Verhoeff
    http://snomed.info/sct                 | 443451005                              | no    # circulates, fails Verhoeff
    http://snomed.info/sct                 | 73847000                               | no    # the right one is 373847000
    http://snomed.info/sct                 | 373847000                              | yes
    http://snomed.info/sct                 | 054302000                              | no    # leading zero
    http://snomed.info/sct                 | 54302                                  | no    # too short
    http://snomed.info/sct                 | 5430200O                               | no    # a letter O
    http://loinc.org                       | 36627-8                                | yes   # mammogram, left
    http://loinc.org                       | 24606-6                                | yes
    http://loinc.org                       | 24968-0                                | yes   # MR lumbar spine
    http://loinc.org                       | 24968-8                                | no    # often misremembered
    http://loinc.org                       | 72018-2                                | no    # circulates as BI-RADS
    http://loinc.org                       | 36627                                  | no    # no check digit
    http://loinc.org                       | LA32-8                                 | yes   # an answer
    http://hl7.org/fhir/sid/icd-10         | N64.5                                  | yes
    http://hl7.org/fhir/sid/icd-10         | N64                                    | yes
    http://hl7.org/fhir/sid/icd-10         | C50.911                                | yes
    http://hl7.org/fhir/sid/icd-10         | N645                                   | no    # the point is missing
    http://hl7.org/fhir/sid/icd-10         | n64.5                                  | no
    http://hl7.org/fhir/sid/icd-10         | 64.5                                   | no
    http://hl7.org/fhir/sid/icd-10         | N64.                                   | no
    http://hl7.org/fhir/sid/icd-10-cm      | N64.52                                 | yes
    http://hl7.org/fhir/sid/icd-10-cm      | N64,52                                 | no
    https://example.org/codes              | anything goes                          | yes
    urn:oid:2.16.840.1.113883.2.4.4.31.1   | X20                                    | yes
    SNOMED                                 | 54302000                               | no    # a name is no URI
    snomed.info/sct                        | 54302000                               | no
"""


@pytest.mark.parametrize("system, code, well_formed", table(CODES))
def test_the_form_of_a_code(system, code, well_formed):
    assert (code_faults(system, code) == []) is (well_formed == "yes")


GOOD = st.sampled_from(
    [
        "54302000",
        "24028007",
        "290113009",
        "71651007",
        "99571000119102",
        "10752251000119103",
        "138875005",
    ]
)
GOOD_LOINC = st.sampled_from(["36627-8", "37774-7", "24606-6", "24968-0", "26215-4"])


@given(GOOD, st.data())
def test_one_wrong_digit_in_a_snomed_code_is_found(code, data):
    place = data.draw(st.integers(0, len(code) - 1))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
    assert code_faults(SNOMED, code[:place] + digit + code[place + 1 :])


@given(GOOD, st.data())
def test_two_exchanged_digits_in_a_snomed_code_are_found(code, data):
    place = data.draw(st.integers(0, len(code) - 2))
    exchanged = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert exchanged == code or code_faults(SNOMED, exchanged)


@given(GOOD_LOINC, st.data())
def test_one_wrong_digit_in_a_loinc_code_is_found(code, data):
    place = data.draw(st.sampled_from([n for n, c in enumerate(code) if c != "-"]))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
    assert code_faults(LOINC, code[:place] + digit + code[place + 1 :])


# --- looking up

SET = ValueSet(
    "complaint",
    {
        (SNOMED, "54302000"): ("discharge", "", "Discharge from nipple"),
        (SNOMED, "80248007"): ("breast", "left", "Left breast structure"),
        (LOINC, "36627-8"): ("mammography", "left", "MG Breast - left"),
        (ICD10, "N64.5"): ("possible", "", "Other signs and symptoms in breast"),
        (ICD10, "D05"): ("in situ", "", "Carcinoma in situ of breast"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "N64.52"): ("discharge", "", "Nipple discharge"),
        ("http://hl7.org/fhir/sid/icpc-1-nl", "X20"): ("possible", "", "nipple symptom"),
        (DCM, "MG"): ("mammography", "", "Mammography"),
    },
    ((Term("tepelvloed"), "discharge", ""), (Term("linkerborst"), "breast", "left")),
)

LOOKED_UP = """
    system                                | code     | value       | side
    --------------------------------------+----------+-------------+-----
    http://snomed.info/sct                | 54302000 | discharge   |
    http://snomed.info/sct/11000146104    | 54302000 | discharge   |          # the Dutch edition
    urn:oid:2.16.840.1.113883.6.96        | 54302000 | discharge   |          # SNOMED CT by its OID
    http://snomed.info/sct                | 80248007 | breast      | left
    http://loinc.org                      | 36627-8  | mammography | left
    urn:oid:2.16.840.1.113883.6.1         | 36627-8  | mammography | left     # LOINC by its OID
    http://hl7.org/fhir/sid/icd-10        | D05      | in situ     |
    http://hl7.org/fhir/sid/icd-10        | D05.1    | in situ     |          # a subcode refines its category
    http://hl7.org/fhir/sid/icd-10-nl     | D05.1    | in situ     |          # ICD-10-NL is the same classification
    http://hl7.org/fhir/sid/icd-10-nl     | N64.5    | possible    |
    http://hl7.org/fhir/sid/icd-10        | N64      | (none)      |          # the category does not mean its subcode
    http://hl7.org/fhir/sid/icd-10        | N64.4    | (none)      |          # nor does another subcode
    http://hl7.org/fhir/sid/icd-10        | D050     | (none)      |
    http://hl7.org/fhir/sid/icd-10-cm     | N64.52   | discharge   |
    http://hl7.org/fhir/sid/icd-10        | N64.52   | (none)      |          # ICD-10-CM is another system
    http://hl7.org/fhir/sid/icd-10-cm     | D05.1    | (none)      |
    http://hl7.org/fhir/sid/icpc-1-nl     | X20      | possible    |
    urn:oid:2.16.840.1.113883.2.4.4.31.1  | X20      | possible    |          # ICPC-1-NL by its OID
    http://hl7.org/fhir/sid/icpc-2        | X20      | (none)      |
    http://loinc.org                      | 54302000 | (none)      |          # a number means nothing without its system
    http://snomed.info/sct/               | 54302000 | (none)      |
    -                                     | 54302000 | (none)      |
    http://dicom.nema.org/resources/ontology/DCM | MG | mammography |
    http://dicom.nema.org/resources/ontology/DCM | mg | (none)      |          # codes are case-sensitive
"""


@pytest.mark.parametrize("system, code, value, side", table(LOOKED_UP))
def test_looking_up_a_code(system, code, value, side):
    found = SET.coding("" if system == "-" else system, code)
    assert (found.value, found.side) == (value, side) if value != "(none)" else found is None


def test_a_code_names_itself_by_its_display():
    found = SET.coding(SNOMED, "54302000")
    assert found == Match("discharge", words="Discharge from nipple")
    assert not (found.from_text or found.negated or found.uncertain or found.past)


def test_words_are_marked_as_read_from_text():
    (found,) = SET.text("Mogelijk tepelvloed")
    assert (
        found.from_text
        and found.uncertain
        and not found.negated
        and found.value == "discharge"
        and found.words == "tepelvloed"
    )
    (denied,) = SET.text("Geen tepelvloed")
    assert denied.negated and not denied.uncertain
    assert SET.text("Oorpijn") == ()


def test_said_and_denied_in_one_text_are_both_told():
    assert {(m.value, m.negated) for m in SET.text("Eerst tepelvloed. Nu geen tepelvloed.")} == {
        ("discharge", False),
        ("discharge", True),
    }


# --- codes, words and hints together

SNOMED_CODE = {"system": SNOMED, "code": "54302000"}
HINT = {"system": "http://hl7.org/fhir/sid/icpc-1-nl", "code": "X20"}
TOGETHER = [
    ("a code", {"coding": [SNOMED_CODE]}, [("discharge", False)]),
    (
        "a code beats the words beside it",
        {"coding": [SNOMED_CODE], "text": "tepelvloed"},
        [("discharge", False)],
    ),
    ("words alone", {"text": "tepelvloed"}, [("discharge", True)]),
    (
        "the display of an unknown code",
        {"coding": [{"system": "https://example.org", "code": "1", "display": "Tepelvloed"}]},
        [("discharge", True)],
    ),
    ("a hint alone", {"coding": [HINT]}, [("possible", False)]),
    ("a hint gives way to words", {"coding": [HINT], "text": "tepelvloed"}, [("discharge", True)]),
    ("a hint gives way to a code", {"coding": [HINT, SNOMED_CODE]}, [("discharge", False)]),
    ("a hint with other words", {"coding": [HINT], "text": "jeuk"}, [("possible", False)]),
    ("nothing of ours", {"coding": [{"system": SNOMED, "code": "138875005"}], "text": "jeuk"}, []),
    (
        "a coding without a code",
        {"coding": [{"system": SNOMED, "display": "Tepelvloed"}]},
        [("discharge", True)],
    ),
    ("an empty concept", {}, []),
]


@pytest.mark.parametrize(
    "concept, expected", [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER]
)
def test_codes_win_over_words_and_both_over_hints(concept, expected):
    assert [(m.value, m.from_text) for m in matches([concept], SET)] == expected


@pytest.mark.parametrize(
    "concept",
    [
        {"coding": "x"},
        {"coding": ["x"]},
        {"coding": [{"code": 1}]},
        {"text": 1},
        {"coding": [{"code": "1", "display": []}]},
    ],
    ids=repr,
)
def test_a_malformed_concept_is_unreadable(concept):
    with pytest.raises(Unreadable):
        matches([concept], SET)


# --- loading a set

HEAD = ",".join(COLUMNS)
FAULTY = [
    (
        "http://snomed.info/sct,54302001,Discharge,x,,grade A",
        "54302001 is no SNOMED CT identifier (check digit)",
    ),
    ("http://loinc.org,36627-9,MG,x,,grade A", "36627-9 is no LOINC code (check digit)"),
    ("http://hl7.org/fhir/sid/icd-10,N645,Other,x,,grade A", "N645 is no ICD-10 code"),
    ("snomed,54302000,Discharge,x,,grade A", "snomed is no code system URI"),
    ("http://snomed.info/sct,54302000,Discharge,x,,", "the source of verification is missing"),
    (
        "http://snomed.info/sct,54302000,Discharge,x,links,grade A",
        "side must be left, right, both or empty",
    ),
    ("http://snomed.info/sct,54302000,Discharge,x,", "a row needs 6 columns"),
    ("http://snomed.info/sct,54302000,Discharge,x,,grade A,more", "a row needs 6 columns"),
    ("text,*,,x,,words", "an empty term would match every text"),
    ("text,,,x,,words", "an empty term would match every text"),
    (
        "http://snomed.info/sct,7771000,Left,x,,A\nhttp://snomed.info/sct,7771000,Left,y,,A",
        "7771000 stands twice in this set",
    ),
]


@pytest.mark.parametrize("row, fault", FAULTY, ids=[fault for _, fault in FAULTY])
def test_a_faulty_row_is_reported_with_its_place(tmp_path, row, fault):
    path = tmp_path / "complaint.csv"
    path.write_text(
        f"{HEAD}\nhttp://snomed.info/sct,24028007,Right,right,right,grade A\n{row}\n",
        encoding="utf-8",
    )
    found, faults = load_value_set(path)
    line = 4 if "twice" in fault else 3
    assert faults == [f"{path}:{line}: {fault}"]
    assert (SNOMED, "24028007") in found.codes, "the other rows are still there"


def test_every_fault_of_a_file_is_reported_at_once(tmp_path):
    path = tmp_path / "complaint.csv"
    path.write_text("\n".join([HEAD, *(row for row, _ in FAULTY)]) + "\n", encoding="utf-8")
    _, faults = load_value_set(path)
    for _, fault in FAULTY:
        assert any(fault in told for told in faults), fault


@pytest.mark.parametrize(
    "head",
    [
        "code,system,display,value,side,source",
        "system,code",
        "",
        "system;code;display;value;side;source",
    ],
    ids=repr,
)
def test_other_columns_are_refused(tmp_path, head):
    path = tmp_path / "complaint.csv"
    path.write_text(head + "\n", encoding="utf-8")
    found, faults = load_value_set(path)
    assert faults == [f"{path}:1: the columns must be {HEAD}"] and not found.codes


def test_a_good_file(tmp_path):
    path = tmp_path / "complaint.csv"
    path.write_text(
        f'{HEAD}\nhttp://snomed.info/sct,54302000,"Discharge, nipple",discharge,,grade A\ntext,tepel*vloed,,discharge,,words\n',
        encoding="utf-8",
    )
    found, faults = load_value_set(path)
    assert faults == [] and found.name == "complaint"
    assert found.coding(SNOMED, "54302000").words == "Discharge, nipple"
    assert [m.value for m in found.text("Tepeluitvloed links")] == ["discharge"]


def test_a_row_under_the_alias_of_a_system_is_found_or_refused(tmp_path):
    path = tmp_path / "complaint.csv"
    path.write_text(
        f"{HEAD}\nhttp://hl7.org/fhir/sid/icd-10-nl,D05,In situ,x,,grade A\n", encoding="utf-8"
    )
    found, faults = load_value_set(path)
    assert faults or found.coding("http://hl7.org/fhir/sid/icd-10-nl", "D05")


def test_the_projects_own_codes_have_a_system_of_their_own():
    assert code_faults(PROJECT, "ductoscopy") == []
