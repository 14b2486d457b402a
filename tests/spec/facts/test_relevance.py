"""What one look at a resource tells: which value sets a code or a word of it belongs to, wherever in the resource that stands."""

from copy import deepcopy
from itertools import chain

import pytest

from cds_service.clinical_text.terms import Term
from cds_service.facts.relevance import BESIDE, Relevance, said_in
from cds_service.terminology.index import TermIndex
from cds_service.terminology.systems import SNOMED
from cds_service.terminology.value_set import ValueSet
from tests.cases import loaded

LIBRARY = loaded()
MRI = ValueSet(
    "mri",
    {(SNOMED, "241615005"): ("mri", "", "MRI of breast")},
    ((Term("mri * mamma"), "mri", ""),),
)
OTHER = ValueSet(
    "other",
    {(SNOMED, "71651007"): ("mammography", "", "Mammography")},
    ((Term("mammogra*"), "mammography", ""),),
)
CODE = {"coding": [{"system": SNOMED, "code": "241615005"}]}


def mentions(resource: dict, value_set: ValueSet = MRI) -> list[bool]:
    """What is said with the index over value sets, and what without one."""
    return [
        Relevance(index).mentions(resource, [value_set])
        for index in (TermIndex([MRI, OTHER]), None)
    ]


@pytest.mark.parametrize(
    "resource, spoken",
    [
        ({"code": CODE}, True),
        (
            {
                "code": {
                    "coding": [{"system": "urn:oid:2.16.840.1.113883.6.96", "code": " 241615005 "}]
                }
            },
            True,
        ),  # SNOMED CT under its other name
        (
            {"code": {"coding": [{"code": "241615005"}]}},
            False,
        ),  # a code without a system is nobody's
        ({"code": {"text": "MRI van de mamma links"}}, True),
        ({"code": {"text": "MRI hersenen"}}, False),
        ({"contained": [{"resourceType": "Observation", "code": CODE}]}, True),
        ({"extension": [{"valueCodeableConcept": CODE}]}, True),
        (
            {"conclusion": "Op de MRI mamma geen afwijkingen."},
            True,
        ),  # denied: that is for who reads closely
        ({"performer": [{"display": "MRI mamma"}]}, True),
        # whose it is, where it is filed and what is normal
        (
            {
                "code": {"text": "Kalium"},
                "subject": {"display": "Mevrouw M.R.I. Mamma", "reference": "Patient/1"},
            },
            False,
        ),
        (
            {
                "code": {"text": "Kalium"},
                "encounter": {"display": "MRI mamma"},
                "meta": {"tag": [{"display": "MRI mamma"}]},
                "identifier": [{"type": CODE}],
            },
            False,
        ),
        ({"code": {"text": "Kalium"}, "referenceRange": [{"text": "MRI mamma"}]}, False),
        # malformed: it may be anything
        ({"code": "MRI"}, True),
        ({"code": {"coding": "241615005"}}, True),
        ({"code": {"coding": [{"system": SNOMED, "code": 241615005}]}}, True),
        ({"code": {"text": 5}}, True),
        ({"code": None}, True),
    ],
)
def test_what_a_resource_speaks_of(resource, spoken):
    resource = {"resourceType": "Observation"} | resource
    before = deepcopy(resource)
    assert mentions(resource) == [spoken, spoken]
    assert Relevance(TermIndex([MRI])).may_speak(resource) is spoken
    assert resource == before


def test_it_speaks_of_what_it_names_only():
    assert mentions({"resourceType": "Observation", "code": CODE}, OTHER) == [False, False]


def test_each_resource_is_looked_at_once(monkeypatch):
    looks = []
    monkeypatch.setattr(
        "cds_service.facts.relevance.said_in",
        lambda resource: looks.append(resource) or said_in(resource),
    )
    gists, resource = (
        Relevance(TermIndex([MRI, OTHER])),
        {"resourceType": "Observation", "code": CODE},
    )
    for _ in range(3):
        assert gists.may_speak(resource) and gists.mentions(resource, [OTHER, MRI])
    assert looks == [resource]


def test_no_fact_is_read_from_what_stands_beside():
    definitions = [d for guideline in LIBRARY.guidelines for d in guideline.facts.values()]
    paths = chain.from_iterable(
        [
            *chain.from_iterable(d.paths.values()),
            *chain.from_iterable(a.paths for a in d.attributes.values()),
        ]
        for d in definitions
    )
    elements = [set(path.expression.replace("[*]", "").split(".")) for path in paths]
    assert len(elements) > 100
    assert [e for e in elements if e & BESIDE] == []
