"""The kinds of text that went wrong, each with variants of its own, in the language of labels of tests/phrases/reading.py.

Unlike phrases.tsv these rows were written with the rules, and hold what was mended.
"""

import pytest

from tests.phrases.reading import says
from tests.spec.tables import table

ROWS = """
    kind                     | place               | words                                                                   | says
    -------------------------+---------------------+-------------------------------------------------------------------------+-----------------------------
    a side read as a numeral | DRmg                | BI-RADS re: II, li: IVb                                                 | birads 2 R mg; birads 4b L mg
    a side read as a numeral | DRmg                | BI-RADS re 2, li n.t.b.                                                 | birads 2 R mg; birads 0 L mg
    a side read as a numeral | DRmri               | Mamma li. BI-RADS IV, mamma re. BI-RADS I.                              | birads 4 L mri; birads 1 R mri
    the second side          | DRmg                | BI-RADS 2 (rechter mamma) / 4b (linker mamma)                           | birads 2 R mg; birads 4b L mg
    the second side          | DRmg                | Rechts en links respectievelijk BI-RADS 2 en 4b                         | birads 2 R mg; birads 4b L mg
    the second side          | DRmg                | Rechter mamma: g.b. Linker mamma: massa. BI-RADS 2 respectievelijk 4b.  | birads 2 R mg; birads 4b L mg
    the second side          | DRmg                | BIRADS links/rechts: 4/2                                                | birads 4 L mg; birads 2 R mg
    the second side          | DRmg                | Mamma dextra BI-RADS 4c, mamma sinistra BI-RADS 2.                      | birads 4c R mg; birads 2 L mg
    the second side          | OBS:BI-RADS         | R2/L4a                                                                  | birads 2 R any; birads 4a L any
    a side that spills       | DRmg                | MX bdz + echo li: BI-RADS 4a links, 1 rechts                            | birads 4a L mg; birads 1 R mg
    a side that spills       | DRmg                | Rechts: 1. Overall BI-RADS: 4b                                          | birads 1 R mg
    a side that spills       | DRmri               | Links BI-RADS 6. Contralateraal BI-RADS 1.                              | birads 6 L mri; birads 1 R mri
    a side that spills       | COND                | Knobbel in rechterborst, bruine tepelvloed links                        | sym discharge L present; sym lump R present
    a range                  | DRmg                | Verdenking maligniteit li mamma, birads 4-5.                            | birads 4 L mg
    a denial                 | DRpet               | Geen evid. v. metastasen in lever of longen.                            | met liver out; met lung out
    a denial                 | DRpet               | Levermetastasen werden op dit onderzoek niet gezien.                    | met liver out
    a denial                 | DRbone              | Botmetastasen zijn niet aannemelijk.                                    | met bone out
    a denial                 | DRbone              | Voor metastasen verdachte haarden worden niet gezien.                   | met any out
    a denial                 | DRpet               | Geen toename van de bekende levermetastasen.                            | met liver conf
    a doubt                  | DRct                | Longnodus, v.a. metastase.                                              | met lung susp
    a doubt                  | DRct                | Hersenlaesie, i.e.i. hersenmetastase.                                   | met brain susp
    a doubt                  | DRpet               | Haard L2. DD hemangioom, enostose, metastase.                           | met spine unc
    a doubt                  | DRpet               | Haard in Th8, zou kunnen passen bij een metastase.                      | met spine unc
    uncertain                | DRpet               | Metastase in L2 valt niet volledig uit te sluiten.                      | met spine unc
    uncertain                | DRct                | Noduli in de longen, metastasen kunnen niet worden bevestigd.           | met lung unc
    N stage                  | DRpa                | pT1c pN1mi(sn). Micrometastase van 1,2 mm.                              | met any out
    N stage                  | DRpa                | SN: macrometastase.                                                     | met any out
    no vertebra              | DRpa                | PD-L1 (22C3): CPS 15, positief in tumor.                                | met any out
    no vertebra              | DRpa                | T12-34567. Levermetastase mammacarcinoom.                               | met liver conf; met spine out
    no vertebra              | DRct                | Subcutane nodus ter hoogte van C6.                                      | met spine out
    a lump                   | COND                | Weerstand linker mamma                                                  | sym lump L present
    a lump                   | COND                | Zwelling re borst                                                       | sym lump R present
    a lump                   | COMP:Knobbel in borst | ja, links                                                             | sym lump L present
    two examinations         | DRmg                | Mammografie en echo mamma beiderzijds: BI-RADS 1 beiderzijds.           | exam mg B done; exam us B done
    two examinations         | DRmg                | MX bdz, aansluitend echo li: cyste. BI-RADS 2.                          | exam mg B done; birads 2 L us
    two examinations         | DRmg                | Mammografie bdz BIRADS 1. Echo niet verricht.                           | exam us B planned
    no modality              | OBS:Uitslag         | BI-RADS 4b links.                                                       | birads 4b L any
    no modality              | OBS:Uitslag radiologie | Mammografie beiderzijds BI-RADS 2, echo links BI-RADS 1              | birads 2 B mg; birads 1 L us
    receptors                | DRpa                | Oestrogeen receptor (resectie) negatief. HER2 status (resectie): positief. | rec er neg; rec her2 pos
    receptors                | DRpa                | Mamma links, NST. ER: negatief. Okselklier links: metastase.            | rec er neg
    receptors                | OBS:HER2-status     | afwezig                                                                 | rec her2 neg
    receptors                | DRpa                | ER 95% positief, PR 10% positief, HER2 IHC 0.                           | rec er pos; rec her2 neg
    tissue                   | DRpa                | Biopt mamma links: benigne, B2.                                         | proc biopsy_benign L done
    not done                 | PROCNOTE:Ductoscopie links | Afgebroken wegens pijn.                                          | proc ductoscopy L planned
    not done                 | PROC                | Ductoscopie links, niet gelukt                                          | proc ductoscopy L planned
    not done                 | DRmri               | Onderzoek niet doorgegaan wegens claustrofobie.                         | exam mri B planned
    the answer counts        | COMP:Eerder borstkanker gehad? | Nee, eerste ziekte-episode                                   | cancer - any out
    history                  | COND                | Mammaca li 2008, genezen verklaard                                      | cancer L any hist
    history                  | COND                | St na ablatio li wgs mammacarcinoom 2016                                | cancer L any hist
    history                  | DRmg                | BI-RADS 3 rechts in 2024; nu BI-RADS 2 rechts.                          | birads 2 R mg
    history                  | DRpet               | Botmetastasen worden niet meer gezien.                                  | met bone hist
    a plan                   | DRmg                | BI-RADS 0 rechts. Aanvullende echo rechts wordt ingepland.              | exam us R planned
    a plan                   | DRpet               | MRI lever aanbevolen.                                                   | exam mriliver - planned
    the conclusion           | DRpet               | Haard L5, mogelijk metastase. Conclusie: degeneratief L5, geen metastasen. | met spine out
    another language         | DRpet               | Unklare Anreicherung in BWK 8, Metastase nicht auszuschließen.          | unread
"""


@pytest.mark.parametrize("kind, place, words, labels", table(ROWS))
def test_a_kind_that_went_wrong(kind, place, words, labels):
    told = {label: says(place, words, label) for label in labels.split("; ")}
    assert all(answer is True for answer in told.values()), told


INCONCLUSIVE = """
    words
    ------------------------------------------------
    Biopt mamma links: benigne laesie, B3.
    Biopt mamma links: benigne, met atypie.
    Biopt mamma links: niet representatief, benigne.
    Biopt mamma links: benigne; herhaal biopt.
    Biopt mamma links: B1, normaal klierweefsel.
"""


@pytest.mark.parametrize("words", [row[0] for row in table(INCONCLUSIVE)])
def test_what_is_not_conclusive_is_not_benign(words):
    """R13: benign and conclusive clears a suspicion; nothing less does."""
    assert says("DRpa", words, "proc biopsy_benign L done") is False
