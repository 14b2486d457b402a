"""ICPC-1 as Dutch GPs code: an episode has a coarse code and the GP's own title; what has no verified code is a title alone.

Codes: ICPC-1-NL as published by Nivel and NHG (X18, X19, X20, X21, X76, W78, W90). ICPC-1 has no code for a metastasis that could be
verified, and X-codes are a woman's. Examinations, treatment and orders come to a GP by letter: they stay as their source wrote them.
"""

from tests.dialects import cases
from tests.dialects.cases import table
from tests.dialects.dialect import Dialect
from tests.dialects.elements import coding, concept, without
from tests.dialects.said import Resource
from tests.dialects.wording import chosen, phrase

CODES = dict(
    table("""
breast cancer              | X76
ductal breast cancer       | X76
lobular breast cancer      | X76
inflammatory breast cancer | X76
triple negative cancer     | X76
hormone positive cancer    | X76
local recurrence           | X76
mastitis                   | X21
non-puerperal mastitis     | X21
peau d'orange              | X21
breast oedema              | X21
breast erythema            | X21
skin discoloration         | X21
warm breast                | X21
itching breast             | X21
heavy breast               | X21
breast lump                | X19
breast pain                | X18
nipple retraction          | X20
bloody discharge           | X20
brown discharge            | X20
serous discharge           | X20
milky discharge            | X20
clear discharge            | X20
nipple discharge           | X20
pregnancy                  | W78
delivery                   | W90
""")
)


class Icpc(Dialect):
    """A Dutch general practice."""

    name = "icpc-1"

    def Condition(self, resource: Resource) -> Resource | None:
        said = cases.problem(resource)
        if said is None or said.concept.startswith("male"):
            return None
        again = without(resource, "bodySite", "stage")
        code = CODES.get(said.concept)
        if (
            code
            and said.concept in ("breast cancer", "breast lump")
            and said.side
            and chosen(range(4), self.seed, "bare") == 0
        ):
            self.drop(resource, "the side")
            return again | {"code": concept(coding("icpc", code))}
        return again | {
            "code": concept(
                *([coding("icpc", code)] if code else []), text=phrase(said, "nl", self.seed)
            )
        }
