"""The part of a guideline folder's README that is made from the content: criterion, facts, codes, card and cases side by side.

It stands between two marks in README.md; `cds-service guide` writes it and a test fails when it is stale. In Dutch, as
the README of a folder is.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from cds_service.casebook.model import Case
from cds_service.content import cards_folder
from cds_service.facts.model import FactDefinition
from cds_service.guideline.model import CriterionRole, Guideline, Recommendation, Situation
from cds_service.terminology.value_set import ValueSet

BEGIN = "<!-- gemaakt met `cds-service guide`: begin -->"
END = "<!-- gemaakt met `cds-service guide`: einde -->"
_BLOCK = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
_ROLES = {
    "trigger": "aanleiding",
    "required": "vereist",
    "grounds": "grond (één is genoeg)",
    "confirm": "na te vragen",
    "exclusions": "uitsluiting",
    "suppressed_by": "al beantwoord",
    "context": "ter weging",
    "informs": "kiest voorstel of alinea",
    "removal": "nodig om te verwijderen",
}
_MOST_CASES = 6


def guide(guideline: Guideline, cases: Iterable[Case]) -> str:
    """The generated part, marks included."""
    mine = [case for case in cases if case.guideline == guideline.id]
    lines = [
        BEGIN,
        "",
        "## Naslag: vraag, gegevens, codes, kaart en casussen",
        "",
        "Gemaakt uit de inhoud van deze map. *Gegevens* noemt wat een vraag leest; waar en met welke codes staat daaronder.",
    ]
    for recommendation in guideline.recommendations:
        lines += ["", *_recommendation(guideline, recommendation, mine)]
    lines += [
        "",
        "### Gegevens",
        "",
        "Wat een gegeven betekent en waar het staat: `facts.yaml` hier en in `../shared/`.",
        "",
        "| Gegeven | Betekenis | Gelezen in | Codes en woorden |",
        "| --- | --- | --- | --- |",
    ]
    lines += [_fact(guideline, fact) for fact in guideline.facts.values()]
    return "\n".join([*lines, "", END])


def _recommendation(
    guideline: Guideline, recommendation: Recommendation, cases: list[Case]
) -> Iterable[str]:
    yield f"### `{recommendation.key}`: {recommendation.title['nl']}"
    for situation in recommendation.situations:
        yield ""
        yield f"Op {_hooks(situation)}; {situation.indicator}. Paragraaf: {recommendation.section}."
        yield ""
        yield "| Rol | Vraag | Criterium | Gegevens |"
        yield "| --- | --- | --- | --- |"
        for use in situation.uses:
            yield f"| {_ROLES[use.role]} | {_label(guideline, use)} | `{use.id}` | {', '.join(f'`{name}`' for name in sorted(use.asks & guideline.facts.keys())) or '-'} |"
    yield ""
    yield f"Kaart: *{recommendation.card.summary['nl']}*"
    yield ""
    yield f"Casussen: {_cases(recommendation, cases)}"


def _hooks(situation: Situation) -> str:
    orders = [kind for kinds in situation.orders.values() for kind in kinds]
    return ", ".join(situation.hooks) + (
        f" bij een aanvraag voor {', '.join(orders)}" if orders else ""
    )


def _label(guideline: Guideline, use: CriterionRole) -> str:
    words = {
        name: guideline.terms.get(str(value), {}).get("nl", str(value))
        for name, value in use.parameters.items()
    }
    return use.label["nl"].format(**words)


def _cases(recommendation: Recommendation, cases: list[Case]) -> str:
    """How many cases expect the card, and how many are about it and do not."""
    speaking = [c for c in cases if any(recommendation.key in keys for keys in c.expect.values())]
    silent = [c for c in cases if c not in speaking and c.expect.keys() & set(recommendation.hooks)]
    shown = "; ".join(c.title for c in speaking[:_MOST_CASES])
    more = f"; en nog {len(speaking) - _MOST_CASES}" if len(speaking) > _MOST_CASES else ""
    return f"{len(speaking)} verwachten deze kaart ({shown}{more}); in {len(silent)} andere op dezelfde momenten blijft zij weg."


def _fact(guideline: Guideline, fact: FactDefinition) -> str:
    where = ", ".join(fact.paths)
    return f"| `{fact.name}` | {fact.label['nl']} | {where} | {', '.join(_value_set(guideline, s) for s in fact.value_sets)} |"


def _value_set(guideline: Guideline, value_set: ValueSet) -> str:
    is_own = (cards_folder() / guideline.id / "value_sets" / f"{value_set.name}.csv").exists()
    folder = "value_sets" if is_own else "../shared/value_sets"
    return f"[{value_set.name}]({folder}/{value_set.name}.csv) ({len(value_set.codes)} codes, {len(value_set.terms)} woorden)"


def renew(path: Path, text: str) -> str:
    """The README with its generated part renewed; appended where there is none yet."""
    readme = path.read_text(encoding="utf-8")
    return (
        _BLOCK.sub(lambda _: text, readme) if BEGIN in readme else f"{readme.rstrip()}\n\n{text}\n"
    )
