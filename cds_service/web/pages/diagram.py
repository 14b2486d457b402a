"""The decision of one situation as a drawing (SVG), made from the content: a ladder of boxes, ways out to the right, the card below.

What is drawn comes from `guideline.ladder`, so that a drawing cannot say anything else than the verdict table. No style in it
(the pages' policy forbids it): classes, which static/guidelines.css dresses, over attributes that give a plain drawing without it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

from cds_service.cds_hooks.hooks import PATIENT_VIEW
from cds_service.guideline.evaluation import ORDER_UNDER_REVIEW
from cds_service.guideline.ladder import Step, ids_of, ladder, left_at, together
from cds_service.guideline.model import CriterionRole, Situation
from cds_service.guideline.verdict import Verdict
from cds_service.logic import Truth

# The sheet, in units of the drawing: boxes at the left, ways out at the right, arrows between.
WIDTH, BOX, OUT_AT, OUT = 640, 390, 452, 187
SIZE, LINE, PAD, GAP, INDENT = 14, 19, 11, 34, 18
_EDGE = 1.5  # half of the thickest line
SIGNS = {Truth.MET: "✓", Truth.NOT_MET: "✗", Truth.UNKNOWN: "?"}
# Widths of letters in em, as in Helvetica, with some to spare.
_NARROW, _WIDE, _WIDEST = (
    set("iljtfrI.,:;'|!()[]/- "),
    set("ABCDEFGHKLNOPQRSTUVXYZwÉ&"),
    set("mMW%@"),
)
_SPARE = 1.03


@dataclass(frozen=True)
class Box:
    """One rung with its words: heading, the criteria (id, label), when and to what the ladder is left, what goes on."""

    step: Step
    heading: str
    items: tuple[tuple[str, str], ...]
    leaves: str
    goes_on: str
    outcome: tuple[str, str]  # the verdict in words, and what it means for the card

    @property
    def weight(self) -> str:
        """A class for the way out: whether a card is given there."""
        return "speaks" if self.step.verdict.speaks else "silent"


def boxes(
    situation: Situation,
    label: Callable[[CriterionRole], str],
    order: str,
    words: Mapping[str, str],
) -> tuple[Box, ...]:
    """The rungs of a situation in words. `order` is what the order under review is called; `words` are those of texts.yaml."""
    labels = {use.id: label(use) for use in situation.uses} | {ORDER_UNDER_REVIEW: order}

    def items(step: Step) -> Iterable[tuple[str, str]]:
        if step.name == step.roles[0]:
            return (
                (criterion_id, labels[criterion_id])
                for criterion_id in ids_of(situation, step.roles[0])
            )
        return [
            (step.name, ", ".join(words[f"role_{role}"] for role in step.roles))
        ]  # a look back at what was judged above

    return tuple(
        Box(
            step,
            words[f"ladder_{step.name}"],
            tuple(items(step)),
            words[f"ladder_{step.name}_leaves"],
            words[f"ladder_{step.name}_on"],
            (words[f"verdict_{step.verdict.value}"], _consequence(step.verdict, situation, words)),
        )
        for step in ladder(situation)
    )


def _consequence(verdict: Verdict, situation: Situation, words: Mapping[str, str]) -> str:
    if verdict is Verdict.AFTER_CHECK:
        return f"{words['card_with_questions']} ({words[f'indicator_{situation.while_unsure}']})"
    if verdict is Verdict.INCOMPLETE and PATIENT_VIEW.id in situation.hooks:
        return words["no_card_but_asked"]
    return words["no_card"]


def diagram(
    situation: Situation,
    *,
    name: str,
    title: str,
    label: Callable[[CriterionRole], str],
    order: str,
    words: Mapping[str, str],
    answers: Mapping[str, Truth] | None = None,
) -> str:
    """The drawing as text that may stand in a page. `name`: unique on the page; `title`: of the recommendation.

    A patient's answers can be drawn in it: `answers={j.id: j.answer.truth for j in evaluation.criteria}` puts ✓ ✗ ? before every
    criterion that was judged and marks the way through (classes `reached`, `taken`), as far as it was judged. For an evaluation that is
    not-assessed draw none: there the table's verdict is not the one that was given.
    """
    drawn = boxes(situation, label, order, words)
    way = _Way(situation, drawn, answers)
    pen = CardWriter()
    for box in drawn:
        pen.rung(box, answers or {}, way)
    pen.card(
        f"{words['card']}: {title}",
        f"{words['verdict_recommended']} ({words[f'indicator_{situation.indicator}']})",
        situation.indicator,
        way.ends,
    )
    told = escape(words["diagram_description"])
    head = (
        f'<svg class="diagram" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {pen.y:g}" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'font-family="Arial, \'Liberation Sans\', Helvetica, sans-serif" font-size="{SIZE}" fill="none" stroke-width="1">'
    )
    return f'{head}<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{told}</desc>{"".join(pen.parts)}</svg>'


class _Way:
    """How far a patient's answers lead: the rungs that are reached, and the one where they leave."""

    def __init__(
        self, situation: Situation, drawn: Iterable[Box], answers: Mapping[str, Truth] | None
    ):
        self.reached: set[str] = set()
        self.left: Step | None = None
        self.ends = False  # at the card
        truths = together(situation, answers or {})
        for box in drawn if answers is not None else ():
            self.reached.add(box.step.name)
            if not truths.keys() >= set(box.step.roles):
                return
            if self.left is None and left_at([box.step], truths):
                self.left = box.step
                return
        self.ends = answers is not None


class CardWriter:
    """Draws from top to bottom; `y` is where the sheet ends so far."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = _EDGE

    def rung(self, box: Box, answers: Mapping[str, Truth], way: _Way) -> None:
        """A box, its way out, and the arrow down."""
        heading = wrapped(box.heading, BOX - 2 * PAD, bold=True)
        items = [
            (answers.get(criterion_id), wrapped(text, BOX - 2 * PAD - INDENT))
            for criterion_id, text in box.items
        ]
        out = [
            *_lines(box.leaves, "when"),
            *_lines(box.outcome[0], "verdict"),
            *_lines(box.outcome[1], "what"),
        ]
        height = max(
            _height(len(heading) + sum(len(lines) for _, lines in items)), _height(len(out))
        )
        top, taken = self.y, way.left is box.step
        self.parts.append(
            f'<g class="rung{" reached" if box.step.name in way.reached else ""}">{_rect(_EDGE, top, BOX, height)}'
        )
        y = self._text(heading, _EDGE + PAD, top + PAD, "heading", 'font-weight="bold"')
        for truth, lines in items:
            sign = SIGNS[truth] if truth is not None else "·"
            self._text(
                [sign],
                _EDGE + PAD,
                y,
                f"sign {truth.value if truth is not None else 'unasked'}",
                'font-weight="bold"',
            )
            y = self._text(lines, _EDGE + PAD + INDENT, y, "criterion")
        self.parts.append("</g>")
        out_height = _height(len(out))
        middle = top + height / 2
        self.parts.append(
            f'<g class="out {box.weight}{" taken" if taken else ""}">{_rect(OUT_AT, middle - out_height / 2, OUT, out_height, dashed=not box.step.verdict.speaks)}'
        )
        y = middle - out_height / 2 + PAD
        for line, kind in out:
            y = self._text(
                [line], OUT_AT + PAD, y, kind, 'font-weight="bold"' if kind == "verdict" else ""
            )
        self.parts.append("</g>")
        self._arrow(_EDGE + BOX, middle, OUT_AT, middle, taken)
        goes_on = way.ends or box.step.name in way.reached and way.left is not box.step
        self.y = top + height + GAP
        self._arrow(_EDGE + 40, top + height, _EDGE + 40, self.y, goes_on)
        self._text([box.goes_on], _EDGE + 52, top + height + (GAP - LINE) / 2, "on")

    def card(self, title: str, verdict: str, indicator: str, taken: bool) -> None:
        """The end of the ladder."""
        lines = [
            *((line, "heading") for line in wrapped(title, BOX - 2 * PAD, bold=True)),
            *((line, "what") for line in wrapped(verdict, BOX - 2 * PAD)),
        ]
        height, y = _height(len(lines)), self.y + PAD
        self.parts.append(
            f'<g class="end {indicator}{" taken" if taken else ""}">{_rect(_EDGE, self.y, BOX, height)}'
        )
        for line, kind in lines:
            y = self._text(
                [line], _EDGE + PAD, y, kind, 'font-weight="bold"' if kind == "heading" else ""
            )
        self.parts.append("</g>")
        self.y += height + _EDGE

    def _text(
        self, lines: Iterable[str], x: float, y: float, kind: str, attributes: str = ""
    ) -> float:
        """Lines from a top on; returns where the next one begins."""
        for line in lines:
            self.parts.append(
                f'<text class="{kind}" x="{x:g}" y="{y + SIZE:g}" fill="#1d2433" {attributes}>{escape(line)}</text>'
            )
            y += LINE
        return y

    def _arrow(self, x1: float, y1: float, x2: float, y2: float, taken: bool) -> None:
        head = f"M{x2:g} {y2:g}l-8 -4v8z" if y1 == y2 else f"M{x2:g} {y2:g}l-4 -8h8z"
        kind = "arrow taken" if taken else "arrow"
        self.parts.append(
            f'<path class="{kind}" d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="#4f5869"/><path class="{kind} head" d="{head}" fill="#4f5869"/>'
        )


def _rect(x: float, y: float, width: float, height: float, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" fill="#fff" stroke="#4f5869"{dashes}/>'


def _height(lines: int) -> float:
    return lines * LINE + 2 * PAD - 3


def _lines(text: str, kind: str) -> list[tuple[str, str]]:
    return [(line, kind) for line in wrapped(text, OUT - 2 * PAD, bold=kind == "verdict")]


def wrapped(text: str, room: float, *, bold: bool = False) -> list[str]:
    """A text in lines that fit in a width, broken at spaces, and inside a word that is too long by itself."""
    lines = [""]
    for word in text.split():
        for piece in _pieces(word, room, bold):
            joined = f"{lines[-1]} {piece}".strip()
            if width(joined, bold) <= room or not lines[-1]:
                lines[-1] = joined
            else:
                lines.append(piece)
    return lines


def _pieces(word: str, room: float, bold: bool) -> list[str]:
    """The word, or parts of it that each fit."""
    pieces = [""]
    for letter in word:
        if width(pieces[-1] + letter, bold) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def width(text: str, bold: bool = False) -> float:
    """About how wide a text is drawn: rather too wide than too narrow."""
    em = sum(
        0.34 if c in _NARROW else 0.95 if c in _WIDEST else 0.76 if c in _WIDE else 0.57
        for c in text
    )
    return em * SIZE * _SPARE * (1.06 if bold else 1)
