"""The context rules as data: a clinician adds a phrase without touching Python, and a slip in the file is told with its place."""

import shutil

import pytest

from cds_service.clinical_text.context import (
    Experiencer,
    Presence,
    Temporality,
    every_mention,
    examination_failed,
    was_abandoned,
)
from cds_service.clinical_text.folding import fold
from cds_service.clinical_text.languages import is_foreign
from cds_service.clinical_text.rules import place, read_rules, rule_faults, rules
from cds_service.clinical_text.terms import Term
from cds_service.errors import ContentError
from tests.spec.tables import table

METASTASE = Term("*metastase*")

# words: one clause; presence, time and of whom, as the clause has it for "metastase"
MENTIONS = """
    words                                                        | presence  | time       | of
    -------------------------------------------------------------+-----------+------------+--------
    Botmetastase L3                                              | present   | current    | patient
    Geen metastase                                               | absent    | current    | patient
    Geen evid. v. metastase in de lever                          | absent    | current    | patient
    Metastase werd op dit onderzoek niet gezien                  | absent    | current    | patient
    Metastase verdachte haarden worden niet gezien               | absent    | current    | patient
    Botmetastase is niet aannemelijk                             | absent    | current    | patient
    Verdacht voor metastase                                      | suspected | current    | patient
    V.a. metastase                                               | suspected | current    | patient
    Haard, i.e.i. metastase                                      | suspected | current    | patient
    Focus concerning for metastase                               | suspected | current    | patient
    Mogelijk een metastase                                       | uncertain | current    | patient
    Metastase niet uit te sluiten                                | uncertain | current    | patient
    Metastase valt niet volledig uit te sluiten                  | uncertain | current    | patient
    Metastase kan niet met zekerheid worden uitgesloten          | uncertain | current    | patient
    Metastase kan niet worden bevestigd                          | uncertain | current    | patient
    Zou kunnen passen bij een metastase                          | uncertain | current    | patient
    DD hemangioom, enostose, metastase                           | uncertain | current    | patient
    Metastase?                                                   | uncertain | current    | patient
    Geen toename van de metastase                                | present   | current    | patient
    Eerder metastase                                             | present   | historical | patient
    Metastase in het verleden                                    | present   | historical | patient
    Metastase, genezen verklaard                                 | present   | historical | patient
    Moeder: metastase                                            | present   | current    | family
    Vriendin had een metastase                                   | present   | current    | family
    Advies: uitsluiten metastase                                 | uncertain | planned    | patient
    Bij metastase of klachten contact opnemen                    | present   | planned    | patient
    Als metastase bellen                                         | present   | planned    | patient
    Metastase terugkomen                                         | present   | planned    | patient
"""


@pytest.mark.parametrize("words, presence, time, of", table(MENTIONS))
def test_a_mention(words, presence, time, of):
    (clause,) = (fold(words),)
    (mention,) = every_mention(clause, METASTASE)
    assert (mention.presence, mention.temporality, mention.experiencer) == (
        Presence(presence),
        Temporality(time),
        Experiencer(of),
    )


def test_what_stands_behind_bij_is_not_in_doubt():
    (cancer,) = every_mention(fold("V.a. botmetastasen bij mammacarcinoom"), Term("mammacarcinoom"))
    assert cancer.presence is Presence.PRESENT


LANGUAGES = """
    words                                                                  | read
    -----------------------------------------------------------------------+-----
    Unklare Anreicherung in BWK 8, Metastase nicht auszuschließen.         | no
    Metastase links nicht auszuschließen                                   | no
    Kein Nachweis von Lebermetastasen                                      | no
    Il n'y a pas de lésion suspecte dans le sein gauche. ACR 2 à droite.   | no
    Sin evidencia de metástasis en el hígado                               | no
    La mammella sinistra di forma normale                                  | no
    Geen afwijkingen in de linkerborst                                     | yes
    No suspicious mass in the left breast                                  | yes
    Mamma links: BI-RADS 2, rechts: BI-RADS 4                              | yes
    BI-RADS 2 beidseits                                                    | yes
    DCIS in situ links                                                     | yes
    Pas de tepel links                                                     | yes
"""


@pytest.mark.parametrize("words, read", table(LANGUAGES))
def test_which_language_is_read(words, read):
    assert is_foreign(fold(words)) is (read == "no")


FAILED = """
    name                                | note                                          | done
    ------------------------------------+-----------------------------------------------+-----
    Ductoscopie links                   |                                               | yes
    Ductoscopie links, niet gelukt      |                                               | no
    Poging ductoscopie li, mislukt      |                                               | no
    Ductoscopie links                   | Ingreep niet doorgegaan i.v.m. griep.         | no
    Ductoscopie links                   | Afgebroken wegens pijn.                       | no
    Ductoscopie links                   | Wegens valse route voortijdig beëindigd.      | no
    Ductoscopie links                   | Patiënte niet verschenen.                     | no
    Ductoscopie links                   | Gang niet te cannuleren.                      | no
    Ductoscopy left, unsuccessful       |                                               | no
    Ductoscopy left                     | The procedure was aborted because of pain.    | no
    Consult voor ductoscopie links      |                                               | no
    Ablatio mammae links                | Draadlokalisatie mislukt, overigens vlot.     | yes
    Ablatio mammae links                | Geen complicaties.                            | yes
"""


@pytest.mark.parametrize("name, note, done", table(FAILED))
def test_a_procedure_that_did_not_take_place(name, note, done):
    assert was_abandoned(name, [note] if note else []) is (done == "no")


def test_only_what_a_report_begins_with_is_said_of_its_examination():
    assert examination_failed("MRI afgebroken, patiënte claustrofoob.")
    assert not examination_failed("BI-RADS 2. Biopsie afgebroken wegens pijn.")


def test_a_phrase_is_added_in_the_file_alone(tmp_path):
    """Of a phrase that nobody knows a denial is made by one word in the file."""
    file = tmp_path / "context_rules.yaml"
    shutil.copy(place(), file)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("nl: [geen verdenking op,", "nl: [nimmer, geen verdenking op,"))
    assert rules().denies_ahead.search("nimmer metastasen") is None
    assert read_rules(file).denies_ahead.search("nimmer metastasen")


@pytest.mark.parametrize(
    "slip, becomes, told",
    [
        ("  enumerates:", "  enumerate:", "the rule enumerates is missing"),
        ("qualifier: absent", "qualifier: absnt", "qualifier"),
        ("nl: [of, noch]", "nl: [of, Noch]", "small letters"),
        ("nl: [of, noch]", "nl: [of, of]", "stands twice"),
        ("  clinical_data:", "  clinical_dta:", "the section clinical_data is missing"),
        ("direction: around", "directon: around", "directon"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path, slip, becomes, told):
    file = tmp_path / "context_rules.yaml"
    file.write_text(place().read_text(encoding="utf-8").replace(slip, becomes, 1), encoding="utf-8")
    faults = rule_faults(file)
    assert faults and any(told in fault and str(file) in fault for fault in faults)
    with pytest.raises(ContentError):
        read_rules(file)
