"""Every card of every case, on every hook that it names, in Dutch and in English (CDS Hooks 2.0.1 §CDS Service Response; acceptance checks 2-9, 39).

The answers are collected once; each test is one clause, looked for in all of them.
"""

import gc
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cds_service.fhir.validation import problems
from cds_service.web import create_app
from tests.conftest import SERVICE, SETTINGS
from tests.contract.conformance import clauses
from tests.contract.helpers import (
    CASES,
    CONTRAINDICATED,
    DAY,
    NOBODY,
    REFERRAL,
    SAMPLE,
    SURGERY,
    codes,
    empties,
    guideline_of,
    is_uuid,
    post,
    request_for,
    walk,
)

LANGUAGES = ("nl", "en")
EXTENSION = "org.mammacards.evaluation"
INDICATORS = ("critical", "warning", "info")  # the heaviest first
SPEAKING = {"recommended", "recommended-after-check"}
VERDICTS = SPEAKING | {
    "incomplete",
    "contraindicated",
    "suppressed",
    "not-applicable",
    "not-assessed",
}
ROLES = {
    "trigger",
    "required",
    "ground",
    "confirm",
    "exclusion",
    "suppression",
    "context",
    "informs",
    "removal",
}
SHOWN = ROLES - {
    "suppression",
    "informs",
    "removal",
}  # a suppression stands in the table only where it is unknown
OF_ITS_OWN = {
    "informationNeeded": {"incomplete"},
    "notAssessed": {"not-assessed"},
}  # keys that are no recommendation -> their verdict
# What GitHub Flavored Markdown would let through as HTML becomes a token of its own here; what a careful client shows is the second.
LENIENT = MarkdownIt("gfm-like", {"linkify": False, "html": True})
CAREFUL = MarkdownIt("js-default", {"linkify": False})
BLOCKED = {
    "NUL to US, DEL, C1": r"[\x00-\x09\x0b-\x1f\x7f-\x9f]",
    "bidi and zero width": "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]",
}


@dataclass(frozen=True)
class Answer:
    """One answer with the request that it answers."""

    case: str
    hook: str
    language: str
    request: dict
    body: dict

    @property
    def cards(self) -> list[dict]:
        return self.body["cards"]

    @property
    def name(self) -> str:
        return f"{self.case} {self.hook} {self.language}"

    @property
    def drafts(self) -> list[dict]:
        return [
            entry["resource"]
            for entry in self.request["context"].get("draftOrders", {}).get("entry", [])
        ]

    def references(self) -> set[str]:
        """Type/id of every resource of the request."""
        return {
            f"{v['resourceType']}/{v['id']}"
            for _, v in walk(self.request)
            if isinstance(v, dict) and "resourceType" in v and "id" in v
        }


@pytest.fixture(scope="module")
def answers(app, templates, clock) -> list[Answer]:
    """The sample in Dutch; in English too: every example and, of the other cases, a third of those with cards and a tenth of those without."""
    gc.disable()  # nothing of this is garbage until the module ends, and there is much of it
    try:
        return list(collected(app.test_client(), templates, clock))
    finally:
        gc.enable()


def collected(client, templates, clock) -> Iterator[Answer]:
    for number, (case, hook) in enumerate(SAMPLE):
        request = request_for(case.id, hook, templates, clock)
        for language in LANGUAGES:
            answer = post(client, hook, request, headers={"Accept-Language": language})
            assert answer.status_code == 200 and answer.mimetype == "application/json", (
                case.id,
                hook,
                answer.get_json(),
            )
            yield (found := Answer(case.id, hook, language, request, answer.get_json()))
            if not case.example and number % (3 if found.cards else 10):
                break


@pytest.fixture(scope="module")
def cards(answers) -> list[tuple[Answer, dict]]:
    return [(answer, card) for answer in answers for card in answer.cards]


@pytest.fixture(scope="module")
def suggestions(cards) -> list[tuple[Answer, dict, dict]]:
    return [
        (answer, card, suggestion)
        for answer, card in cards
        for suggestion in card.get("suggestions", [])
    ]


@pytest.fixture(scope="module")
def actions(suggestions) -> list[tuple[Answer, dict]]:
    return [
        (answer, action)
        for answer, _, suggestion in suggestions
        for action in suggestion["actions"]
    ]


def where_not(items, asserted) -> list[str]:
    """The names of the answers in which something does not hold (at most ten, to read)."""
    return list(
        dict.fromkeys(answer.name for answer, *rest in items if not asserted(answer, *rest))
    )[:10]


# ---------------------------------------------------------------------------------------------------- the response


def test_the_cases_show_every_kind_of_card(answers, cards, library):
    """Control: what follows looks at something. Every key, both languages, all hooks, cards with delete and with create."""
    keys = Counter(card["source"]["topic"]["code"] for _, card in cards)
    assert (
        set(keys)
        == {r.key for g in library.guidelines for r in g.recommendations} | OF_ITS_OWN.keys()
    )
    assert min(keys.values()) >= 4 and len(cards) > 1000
    assert {(a.hook, a.language) for a, _ in cards} == {
        (hook, language) for hook in SERVICE for language in LANGUAGES
    }
    assert any(not a.cards for a in answers)


@pytest.mark.requirement("E1", "I1", "I2", "K1")
def test_a_response_holds_cards_and_nothing_else(answers):
    """§CDS Service Response: `cards` is a REQUIRED array; no system actions (3.0: pre-agreed cases only)."""
    assert [
        a.name for a in answers if set(a.body) != {"cards"} or not isinstance(a.cards, list)
    ] == []


@pytest.mark.requirement("A3", "A4", "A5")
def test_nothing_is_null_or_empty(answers):
    """§Use of JSON: null, "", [] and {} SHALL NOT stand anywhere, except in `cards: []`."""
    assert [
        (a.name, found)
        for a in answers
        if (found := [path for path in empties(a.body) if path != "cards" or a.cards])
    ] == []


def test_explain_has_nothing_null_or_empty_either(client, templates, clock):
    """The trace obeys the same rule (decision 12: empty members are left out); only its own three lists may be empty."""
    may_be_empty = {"recommendations", "inputs", "problems", "unreadable"}
    wrong = {}
    for case, hook in SAMPLE[::6]:
        told = post(
            client, hook, request_for(case.id, hook, templates, clock), "/explain/"
        ).get_json()
        if found := [path for path in empties(told) if path not in may_be_empty]:
            wrong[case.id, hook] = found
    assert wrong == {}


# ---------------------------------------------------------------------------------------------------- clauses on a card
# (name, clause, what must hold of an answer and one of its cards)


def inline_tokens(text: str) -> set[str]:
    tokens = LENIENT.parse(text)
    return {child.type for token in tokens for child in (token.children or [token])} - {
        "text",
        "paragraph_open",
        "paragraph_close",
        "inline",
    }


def is_http(url: object) -> bool:
    return (
        isinstance(url, str)
        and urlsplit(url).scheme in ("http", "https")
        and bool(urlsplit(url).netloc)
        and not re.search(r"\s", url)
    )


def is_coding(node: object, *more: str) -> bool:
    return isinstance(node, dict) and all(
        isinstance(node.get(key), str) and node[key].strip() for key in ("code", "system", *more)
    )


CARD_RULES = {
    "only members of a Card (§Card Attributes)": lambda a, c: (
        set(c)
        <= {
            "uuid",
            "summary",
            "detail",
            "indicator",
            "source",
            "suggestions",
            "selectionBehavior",
            "overrideReasons",
            "links",
            "extension",
        }
    ),
    "uuid, bare and lower case (F1)": lambda a, c: is_uuid(c["uuid"]),
    "summary of 1 to 139 code points (F2: fewer than 140)": lambda a, c: (
        1 <= len(c["summary"]) <= 139
    ),
    "summary is one line of plain text (F2)": lambda a, c: (
        c["summary"] == " ".join(c["summary"].split()) and not inline_tokens(c["summary"])
    ),
    "summary leaves no placeholder open": lambda a, c: (
        not re.search(r"[{}]|None|\?\?", c["summary"])
    ),
    "indicator is info, warning or critical (F4)": lambda a, c: c["indicator"] in INDICATORS,
    "source.label is a text (F10)": lambda a, c: (
        isinstance(c["source"]["label"], str) and c["source"]["label"].strip() != ""
    ),
    "source.url is absolute (F11)": lambda a, c: is_http(c["source"]["url"]),
    "source.topic is a Coding (F13, F14)": lambda a, c: (
        is_coding(c["source"]["topic"]) and is_http(c["source"]["topic"]["system"])
    ),
    "source.topic.code is alphanumeric, at most 100 characters (Epic)": lambda a, c: re.fullmatch(
        "[A-Za-z0-9]{1,100}", c["source"]["topic"]["code"]
    ),
    "selectionBehavior if and only if suggestions (F7)": lambda a, c: (
        ("selectionBehavior" in c) == ("suggestions" in c)
    ),
    "selectionBehavior is at-most-one or any (F7)": lambda a, c: (
        c.get("selectionBehavior", "any") in ("at-most-one", "any")
    ),
    "override reasons have code, system and display (F8, F14)": lambda a, c: all(
        is_coding(r, "display") for r in c.get("overrideReasons", [])
    ),
    "override reasons are distinct": lambda a, c: (
        len({r["code"] for r in c.get("overrideReasons", [])}) == len(c.get("overrideReasons", []))
    ),
    "recommendations can be overridden with a reason": lambda a, c: (
        c["source"]["topic"]["code"] in OF_ITS_OWN or "overrideReasons" in c
    ),
    "links have label, absolute http(s) url and a type (F9, H1, H2, H3)": lambda a, c: all(
        x["label"].strip() and is_http(x["url"]) and x["type"] in ("absolute", "smart")
        for x in c.get("links", [])
    ),
    "appContext stands beside smart only (H4)": lambda a, c: all(
        "appContext" not in x or x["type"] == "smart" for x in c.get("links", [])
    ),
    "detail says what it is judged on and when (L15)": lambda a, c: (
        re.search(r"2026-06-\d\d|\d\d-06-2026", c["detail"]) is not None
    ),
    "links launch nothing by themselves (E7, H5)": lambda a, c: all(
        "autolaunchable" not in x for x in c.get("links", [])
    ),
    "source holds label, url and topic, and no icon (F5, F12)": lambda a, c: (
        set(c["source"]) == {"label", "url", "topic"}
    ),
    "the extension is an object under a name of its own (N1, N2)": lambda a, c: (
        set(c["extension"]) == {EXTENSION} and isinstance(c["extension"][EXTENSION], dict)
    ),
}


@pytest.mark.parametrize("clause", clauses(CARD_RULES))
def test_every_card(cards, clause):
    """CDS Hooks 2.0.1 §Card Attributes, §Source, §OverrideReason, §Link; the clause is the test's id."""
    assert where_not(cards, CARD_RULES[clause]) == []


@pytest.mark.requirement("F1", "G2")
def test_uuids_are_fresh(answers, client, templates, clock):
    """F1, G2: card and suggestion uuids are distinct within an answer, between answers, and between two calls of one request."""
    seen = [
        node["uuid"]
        for a in answers
        for card in a.cards
        for node in (card, *card.get("suggestions", []))
    ]
    for _ in range(2):
        for card in post(
            client, "patient-view", request_for(REFERRAL, "patient-view", templates, clock)
        ).get_json()["cards"]:
            seen += [node["uuid"] for node in (card, *card.get("suggestions", []))]
    assert len(seen) == len(set(seen))


def test_one_card_for_each_key_and_one_note_for_each_guideline(answers):
    """Decision 3: at most one card per recommendation; informationNeeded and notAssessed at most once per guideline."""
    keys = {
        a.name: [
            c["source"]["topic"]["code"]
            for c in a.cards
            if c["source"]["topic"]["code"] not in OF_ITS_OWN
        ]
        for a in answers
    }
    assert [name for name, found in keys.items() if len(found) > len(set(found))] == []
    notes = {
        a.name: [
            (c["source"]["topic"]["code"], guideline_of(c))
            for c in a.cards
            if c["source"]["topic"]["code"] in OF_ITS_OWN
        ]
        for a in answers
    }
    assert [name for name, found in notes.items() if len(found) > len(set(found))] == []
    assert any(
        len({guideline for key, guideline in found if key == note}) > 1
        for found in notes.values()
        for note in OF_ITS_OWN
    ), "of several guidelines"


def test_warnings_come_first(answers):
    """Cards are sorted by indicator, the heaviest first."""
    order = [[INDICATORS.index(c["indicator"]) for c in a.cards] for a in answers]
    assert all(found == sorted(found) for found in order) and any(
        len(set(found)) > 1 for found in order
    )


def test_both_languages_say_the_same_in_other_words(answers):
    """nl and en: the same cards in the same order with the same decisions; every sentence of the reader is another."""
    differing, in_dutch = [], {(a.case, a.hook): a for a in answers if a.language == "nl"}
    assert {a.case for a in answers if CASES[a.case].example} <= {
        a.case for a in answers if a.language == "en"
    }
    for english in (a for a in answers if a.language == "en"):
        dutch = in_dutch[english.case, english.hook]
        same = [
            (
                c["source"]["topic"]["code"],
                c["indicator"],
                c["extension"][EXTENSION]["verdict"],
                len(c.get("suggestions", [])),
            )
            for c in dutch.cards
        ] == [
            (
                c["source"]["topic"]["code"],
                c["indicator"],
                c["extension"][EXTENSION]["verdict"],
                len(c.get("suggestions", [])),
            )
            for c in english.cards
        ]
        other = all(
            d[member] != e[member]
            for d, e in zip(dutch.cards, english.cards)
            for member in ("summary", "detail")
        )
        other = other and all(
            d["label"] != e["label"]
            for one, two in zip(dutch.cards, english.cards)
            for member in ("links", "suggestions")
            for d, e in zip(one.get(member, []), two.get(member, []))
        )
        if not (same and other):
            differing.append(dutch.name)
    assert differing == []


# ---------------------------------------------------------------------------------------------------- suggestions and actions

SUGGESTION_RULES = {
    "label is a text (G1)": lambda a, c, s: (
        isinstance(s["label"], str) and s["label"].strip() != "" and "{" not in s["label"]
    ),
    "uuid (G2)": lambda a, c, s: is_uuid(s["uuid"]),
    "actions, at least one (G4; Inferno 20)": lambda a, c, s: (
        isinstance(s["actions"], list) and len(s["actions"]) >= 1
    ),
    "isRecommended is a boolean (G3)": lambda a, c, s: isinstance(
        s.get("isRecommended", True), bool
    ),
    "at most one recommended where one may be chosen (G3)": lambda a, c, s: (
        c["selectionBehavior"] == "any"
        or sum("isRecommended" in other for other in c["suggestions"]) <= 1
    ),
    "no actionSelectionBehavior (G5: SHALL NOT unless known to be supported)": lambda a, c, s: (
        "actionSelectionBehavior" not in s
    ),
    "labels tell the suggestions of a card apart": lambda a, c, s: (
        [o["label"] for o in c["suggestions"]].count(s["label"]) == 1
    ),
}
ACTION_RULES = {
    "type is create, update or delete in lower case (G6)": lambda a, x: (
        x["type"] in ("create", "update", "delete")
    ),
    "description is a text (G7)": lambda a, x: (
        isinstance(x["description"], str)
        and x["description"].strip() != ""
        and "{" not in x["description"]
    ),
    "create and update hold a resource object (A6, G8)": lambda a, x: (
        (x["type"] == "delete") or isinstance(x["resource"], dict)
    ),
    "delete names a draft of this request, Type/id, and holds no resource (G9)": lambda a, x: (
        x["type"] != "delete"
        or (
            "resource" not in x
            and x["resourceId"] in {f"{d['resourceType']}/{d['id']}" for d in a.drafts}
        )
    ),
    "create has no resourceId": lambda a, x: x["type"] != "create" or "resourceId" not in x,
}
RESOURCE_RULES = {
    "valid FHIR R4 (A6, G8)": lambda a, r: problems(r) == [],
    "status draft (decision 20)": lambda a, r: r["status"] == "draft",
    "intent proposal (decision 20)": lambda a, r: r["intent"] == "proposal",
    "subject is the context patient": lambda a, r: (
        r["subject"] == {"reference": f"Patient/{a.request['context']['patientId']}"}
    ),
    "requester is the context user": lambda a, r: (
        r["requester"] == {"reference": a.request["context"]["userId"]}
    ),
    "reasonReference resolves in the request": lambda a, r: (
        {x["reference"] for x in r["reasonReference"]} <= a.references()
    ),
    "code: a coding of a named system, with a text beside it (decision 8)": lambda a, r: (
        r["code"]["text"].strip()
        and all(is_coding(coding, "display") for coding in r["code"]["coding"])
    ),
    "no id: the client makes it": lambda a, r: "id" not in r and "meta" not in r,
    "bodySite names a breast": lambda a, r: all(
        is_coding(c, "display") for site in r.get("bodySite", []) for c in site["coding"]
    ),
}


@pytest.mark.parametrize("clause", clauses(SUGGESTION_RULES))
def test_every_suggestion(suggestions, clause):
    """CDS Hooks 2.0.1 §Suggestion; the clause is the test's id."""
    assert suggestions and where_not(suggestions, SUGGESTION_RULES[clause]) == []


@pytest.mark.parametrize("clause", clauses(ACTION_RULES))
def test_every_action(actions, clause):
    """CDS Hooks 2.0.1 §Action; the clause is the test's id."""
    assert {x["type"] for _, x in actions} == {"create", "delete"}
    assert where_not(actions, ACTION_RULES[clause]) == []


@pytest.mark.parametrize("clause", clauses(RESOURCE_RULES))
def test_every_created_resource(actions, clause):
    """§Action: `create` holds a new FHIR resource; decision 20 says which."""
    created = [
        (answer, action["resource"]) for answer, action in actions if action["type"] == "create"
    ]
    assert created and where_not(created, RESOURCE_RULES[clause]) == []


@pytest.mark.requirement("P1")
@pytest.mark.parametrize(
    "user, requester",
    [
        ("Practitioner/1", "Practitioner/1"),
        ("PractitionerRole/a-1", "PractitionerRole/a-1"),
        ("Patient/x", None),
        ("RelatedPerson/x", None),
        ("x", None),
    ],
)
def test_only_a_professional_becomes_requester(client, templates, clock, user, requester):
    """patient-view: userId may be a Patient or RelatedPerson; ServiceRequest.requester does not take a RelatedPerson who only looks."""
    request = request_for(REFERRAL, "patient-view", templates, clock)
    request["context"]["userId"] = user
    (card,) = post(client, "patient-view", request).get_json()["cards"]
    draft = card["suggestions"][0]["actions"][0]["resource"]
    assert draft.get("requester", {}).get("reference") == requester and problems(draft) == []


@pytest.mark.requirement("F6", "G4")
def test_what_is_to_be_considered_first_is_created_beside_the_order(client, templates, clock):
    """The advice is to consider ductoscopy: its order is proposed, the operation stays (Inferno 24 would take `delete` + `create`
    where one order surely replaces the other)."""
    (card,) = post(
        client, "order-sign", request_for(SURGERY, "order-sign", templates, clock)
    ).get_json()["cards"]
    (suggestion,) = card["suggestions"]
    assert [action["type"] for action in suggestion["actions"]] == ["create"]
    assert suggestion["actions"][0]["resource"]["resourceType"] == "ServiceRequest"


# ---------------------------------------------------------------------------------------------------- detail: GitHub Flavored Markdown


def skeleton(markdown: str, parser: MarkdownIt = LENIENT) -> list[str]:
    """The elements that a text makes, without what stands in them."""
    found = []
    for token in parser.parse(markdown):
        for part in (token, *(token.children or [])):
            if part.type in ("text", "inline"):
                continue
            found.append(
                part.type
                + "".join(
                    f" {name}={value}"
                    for name, value in sorted(part.attrs.items())
                    if name in ("href", "src")
                )
            )
    return found


@pytest.mark.requirement("F3")
def test_detail_holds_no_html(cards):
    """F3: `detail` is GitHub Flavored Markdown without raw HTML. A renderer that lets HTML through finds none; one that escapes it escapes no tag
    ("< 1 %" is a number)."""
    assert [a.name for a, c in cards if any("html" in kind for kind in skeleton(c["detail"]))] == []
    assert [a.name for a, c in cards if re.search("&lt;(?! )", CAREFUL.render(c["detail"]))] == []


@pytest.mark.parametrize("what, pattern", BLOCKED.items(), ids=list(BLOCKED))
def test_no_control_characters(answers, what, pattern):
    """T19: control, bidi and zero-width characters reach no card."""
    assert [
        a.name
        for a in answers
        if any(isinstance(v, str) and re.search(pattern, v) for _, v in walk(a.body["cards"]))
    ] == []


JUDGED = {
    "nl": {
        "met": "ja",
        "not-met": "nee",
        "unknown": "*na te vragen*",
        "context": "niet vastgelegd",
    },
    "en": {"met": "yes", "not-met": "no", "unknown": "*to confirm*", "context": "not on record"},
}
ALSO = {"nl": "Ook", "en": "Also"}


def tables(card: dict) -> list[list[list[str]]]:
    """The tables in a detail: for each its rows without the head, and of these the first two cells."""
    found = re.findall(r"(?:^\|.*\|$\n?)+", card["detail"], re.MULTILINE)
    return [
        [line.removeprefix("| ").split(" | ")[:2] for line in table.splitlines()[2:]]
        for table in found
    ]


def rows_of(tree: dict, language: str) -> list[list[str]]:
    """The rows that a tree makes: what decides and what is to be weighed, then the suppressions that nobody could answer."""
    shown = [c for c in tree["criteria"] if c["role"] in SHOWN] + [
        c for c in tree["criteria"] if c["role"] == "suppression" and c["truth"] == "unknown"
    ]
    kinds = [
        "context" if c["role"] == "context" and c["truth"] == "unknown" else c["truth"]
        for c in shown
    ]
    return [[c["label"], JUDGED[language][kind]] for c, kind in zip(shown, kinds)]


def test_detail_holds_the_table_of_criteria(cards, client, clock):
    """The table shows the criteria of the card's own tree (decision 12): a row for each that decides or is to be weighed, in the same order of roles,
    with its judgement. A card that speaks of more than one breast, order or situation has a table for each, under a heading of its own."""
    wrong, several = [], 0
    for answer, card in cards:
        if card["source"]["topic"]["code"] == "notAssessed":
            continue
        found, trees = tables(card), [card["extension"][EXTENSION]]
        if len(found) > 1:
            clock.day = CASES[answer.case].today(DAY)
            told = post(
                client,
                answer.hook,
                answer.request,
                "/explain/",
                headers={"Accept-Language": answer.language},
            ).get_json()["recommendations"]
            (own,) = [r for r in told if r["recommendation"] == card["source"]["topic"]["code"]]
            trees += [other for other in own["others"] if other["verdict"] in SPEAKING]
            several += 1
        headings = re.findall(
            rf"^\*\*{ALSO[answer.language]}: \S.*\*\*$", card["detail"], re.MULTILINE
        )
        if (
            found != [rows_of(tree, answer.language) for tree in trees]
            or len(headings) != len(trees) - 1
        ):
            wrong.append(answer.name)
        if skeleton(card["detail"]).count("th_open") != 3 * len(trees):
            wrong.append(answer.name)
    assert wrong == [] and several


def test_not_assessed_says_that_it_is_no_negative_answer(cards):
    """Decision 3: silence must not look like "nothing to advise"; the card says what was not read and what was not assessed."""
    notes = [
        card["detail"] for _, card in cards if card["source"]["topic"]["code"] == "notAssessed"
    ]
    assert notes and all(re.search(r"\*\*(niet|not)\*\*", detail) for detail in notes)


# Text from the record: (what, the words). None may become an element, a link or a second line.
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "comment": "<!-- x --> <?x?> <![CDATA[x]]>",
    "javascript link": "[x](javascript:alert(1))",
    "image link": "![x](https://evil.test/beacon.png)",
    "reference link": "[x][y] [y]: https://evil.test",
    "autolink": "<https://evil.test> <a@evil.test>",
    "bare address": "https://evil.test/x www.evil.test a@evil.test mailto:a@evil.test ftp://evil.test",
    "capital www": "WWW.EVIL.TEST",
    "table": "| a | b | c |\n| --- | --- | --- |",
    "table end": "x |",
    "code": "`x` ``` ~~~ ``y``",
    "emphasis": "*x* **y** _z_ ~~q~~ __w__",
    "heading and list": "# x\n\n- y\n1. z\n> q\n---\n===",
    "entities": "&lt;b&gt; &#60;b&#62; &amp; &copy;",
    "backslash at the end": "x\\",
    "escapes": "\\<b\\> \\[x\\]\\(y\\)",
    "lines": "x\r\ny\u2028z\u2029w\x0b\x0c\x85v",
    "bidi": "\u202eetats\u202c \u2066x\u2069 \u200b\u200f\ufeff",
    "controls": "\x01\x1b[31mred\x7f",
    "mathematics": "$x$ $$y$$",
    "task list": "[ ] x [x] y",
    "footnote": "[^1] [^1]: x",
    "format placeholders": "{breast} {0} {x.__class__} %s",
    "long": "x" * 5000,
    "long and marked": "*" * 5000,
    "astral": "\U0001f600" * 80,
}


def hostile_cards(client, templates, clock, words: str) -> tuple[list[str], list]:
    """The details of cards whose record holds these words (in a complaint, in reports, in an order), and how their criteria were judged."""
    view = request_for(REFERRAL, "patient-view", templates, clock)
    view["prefetch"]["conditions"]["entry"][0]["resource"]["code"] = {"text": f"Tepelvloed {words}"}
    for entry, name in zip(
        view["prefetch"]["diagnosticReports"]["entry"],
        ("Mammografie links", "Echografie borst links"),
        strict=True,
    ):
        entry["resource"]["code"] = {"text": f"{name} {words}"}
    sign = request_for(SURGERY, "order-sign", templates, clock)
    (order,) = sign["context"]["draftOrders"]["entry"]
    order["resource"]["code"] = {"text": f"Microdochectomie {words}"}
    order["resource"]["id"] = words
    details, judged = [], []
    for hook, request in (("patient-view", view), ("order-sign", sign)):
        answer = post(client, hook, request)
        assert answer.status_code == 200, (hook, answer.get_json())
        assert empties(answer.get_json()) in ([], ["cards"])
        for card in answer.get_json()["cards"]:
            assert (
                not inline_tokens(card["summary"])
                and len(card["summary"]) <= 139
                and "\n" not in card["summary"]
            )
            details.append(card["detail"])
            judged.append([(c["id"], c["truth"]) for c in card["extension"][EXTENSION]["criteria"]])
    return details, judged


def shown(markdown: str) -> str:
    """The text that a reader sees, cell after cell."""
    return "\n".join(
        "".join(part.content for part in token.children)
        for token in LENIENT.parse(markdown)
        if token.type == "inline"
    )


def as_plain_words(words: str) -> str:
    """One line without control and format characters: what may be left of words from the record."""
    return " ".join(
        re.sub(
            BLOCKED["bidi and zero width"],
            "",
            re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", words),
        ).split()
    )


@pytest.fixture(scope="module")
def neutral(app, templates, clock) -> tuple[list[list[str]], list]:
    details, judged = hostile_cards(app.test_client(), templates, clock, "neutraal")
    assert len(details) == 2 and all("neutraal" in detail for detail in details), (
        "the record's words stand on both cards"
    )
    return [skeleton(detail) for detail in details], judged


def check_words(details: list[str], words: str, neutral: list[list[str]]) -> None:
    assert [skeleton(detail) for detail in details] == neutral
    for detail in details:
        assert len(words) > 100 or as_plain_words(words) in shown(detail), (
            "they are all there, letter by letter"
        )
        assert skeleton(detail) == skeleton(
            detail, MarkdownIt("js-default", {"linkify": False}).enable("table")
        )
        assert not any(re.search(pattern, detail) for pattern in BLOCKED.values())
        assert len(detail) < 6000


@pytest.mark.requirement("F3")
@pytest.mark.parametrize("words", HOSTILE.values(), ids=list(HOSTILE))
def test_words_of_the_record_stay_words(client, templates, clock, neutral, words):
    """Check 39, T19: the elements of `detail` are those of a neutral text, in a lenient and in a careful renderer."""
    elements, judgements = neutral
    details, judged = hostile_cards(client, templates, clock, words)
    assert judged == judgements, "the words change no judgement, so that the cards compare"
    check_words(details, words, elements)
    for detail in details:
        assert not re.search(
            r"(?i)(?<!\\)(https?://evil|ftp://evil|www\.evil|a@evil|javascript:a)", detail
        ), "nothing that becomes a link by itself"


@pytest.mark.requirement("F3")
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(words=st.text(alphabet="*_`[]()<>#|~&:@/=!$^\\{}-+.\"'\n\t .;ab1\u202e\u2028é", max_size=60))
def test_no_words_become_markup(client, templates, clock, neutral, words):
    """T19 as a property: whatever stands in the record, the elements of `detail` stay those of a neutral text."""
    elements, judgements = neutral
    details, judged = hostile_cards(client, templates, clock, words)
    assume(judged == judgements)  # words may deny the complaint ("tepelvloed: -")
    check_words(details, words, elements)


# ---------------------------------------------------------------------------------------------------- the tree behind a card

EVIDENCE = {"reference", "text", "date"}
# Criteria that are met although nothing on record says so; `..._missing` and `no_...` say it by their name.
BY_ABSENCE = {
    "first_line": "no systemic treatment since the metastasis",
    "endocrine_treatment_starts_now": "no endocrine treatment runs already",
    "mastectomy_is_not_done_yet": "no mastectomy of this breast",
    "rest_of_the_body_not_staged": "no imaging of the rest of the body",
    "ordered_outside_a_study": "no study, and no research as the reason",
    "ordered_for_the_breast_cancer": "no other disease as the reason, or on record",
    "nothing_else_in_this_order_has_a_place": "no other part of the order",
    "mri_of_this_region_is_worth_considering": "no MRI of the region since the PET/CT",
    "radiotherapist_not_asked": "no radiotherapy ordered since the alarm",
    "surgeon_not_asked": "no stabilisation ordered since the alarm",
}
OF_THE_ORDER = {"order_is", "order_is_of_this_breast_only"}
ELSEWHERE = {  # criteria whose ground is no fact of their own
    **dict.fromkeys(OF_THE_ORDER, "the order under review, which has a row of its own"),
    "age_is_known": "the birth date, which is no fact",
    "side_of_the_nodes_is_on_record": "the side under judgement: where nothing is on record of it there is nothing to ask",
}


def without_evidence(tree: dict) -> set[str]:
    """The names of the criteria that are met without evidence and do not say by their name that something is missing."""
    names = {
        x["id"].split(":")[0]
        for x in tree["criteria"]
        if x["truth"] == "met" and not x.get("evidence")
    }
    return {name for name in names if not re.search("^no_|(^|_)missing(_|$)", name)}


TREE_RULES = {
    "recommendation, contentVersion, verdict and criteria are there": lambda a, c, t: all(
        t.get(k) for k in ("recommendation", "contentVersion", "verdict", "criteria")
    ),
    "verdict is one of decision 12": lambda a, c, t: t["verdict"] in VERDICTS,
    "recommendation is the card's topic, its verdict one that speaks": lambda a, c, t: (
        c["source"]["topic"]["code"] in OF_ITS_OWN
        or (t["recommendation"] == c["source"]["topic"]["code"] and t["verdict"] in SPEAKING)
    ),
    "informationNeeded is incomplete, notAssessed not-assessed": lambda a, c, t: (
        t["verdict"] in OF_ITS_OWN.get(c["source"]["topic"]["code"], {t["verdict"]})
    ),
    "criteria ids are unique": lambda a, c, t: (
        len({x["id"] for x in t["criteria"]}) == len(t["criteria"])
    ),
    "roles are those of decision 12": lambda a, c, t: {x["role"] for x in t["criteria"]} <= ROLES,
    "truth is met, not-met or unknown": lambda a, c, t: (
        {x["truth"] for x in t["criteria"]} <= {"met", "not-met", "unknown"}
    ),
    "unknown says what is missing, and only unknown does": lambda a, c, t: all(
        ("missing" in x) == (x["truth"] == "unknown") for x in t["criteria"]
    ),
    "evidence has no members but reference, text and date": lambda a, c, t: all(
        set(e) <= EVIDENCE for x in t["criteria"] for e in x.get("evidence", [])
    ),
    "evidence resolves in the request": lambda a, c, t: (
        {e["reference"] for x in t["criteria"] for e in x.get("evidence", [])} <= a.references()
    ),
    "what is met rests on evidence, except what is met by absence": lambda a, c, t: (
        without_evidence(t) <= BY_ABSENCE.keys() | ELSEWHERE.keys()
    ),
    "what the order alone answers stands beside the order": lambda a, c, t: (
        not without_evidence(t) & OF_THE_ORDER
        or any(x["id"] == "order_under_review" and x.get("evidence") for x in t["criteria"])
    ),
    "every trigger of a speaking card is met": lambda a, c, t: (
        c["source"]["topic"]["code"] in OF_ITS_OWN
        or all(x["truth"] == "met" for x in t["criteria"] if x["role"] == "trigger")
    ),
    "recommended means nothing that decides is unknown": lambda a, c, t: (
        t["verdict"] != "recommended"
        or all(
            x["truth"] != "unknown"
            for x in t["criteria"]
            if x["role"] in ("required", "confirm", "exclusion", "suppression")
        )
    ),
}


@pytest.mark.parametrize("clause", TREE_RULES)
def test_every_tree(cards, clause):
    """Decision 12: the extension org.mammacards.evaluation; the clause is the test's id."""
    trees = [(answer, card, card["extension"][EXTENSION]) for answer, card in cards]
    assert where_not(trees, TREE_RULES[clause]) == []


def test_no_exception_for_evidence_is_idle(cards):
    """What is excused above happens."""
    seen = set().union(*(without_evidence(card["extension"][EXTENSION]) for _, card in cards))
    assert (BY_ABSENCE.keys() | ELSEWHERE.keys()) - seen == set()


@pytest.mark.requirement("L16")
def test_links_lead_to_our_pages_and_to_sources_only(cards, library):
    """§Trusting CDS Services: clients list the links that they deem safe, so there are few hosts, and none of them comes from a record."""
    hosts = {
        urlsplit(url).netloc
        for _, c in cards
        for url in (c["source"]["url"], *(link["url"] for link in c.get("links", [])))
    }
    assert hosts <= {
        urlsplit(SETTINGS.public_url).netloc,
        *(urlsplit(g.source.url).netloc for g in library.guidelines),
    }


@pytest.mark.requirement("F5")
def test_the_source_is_that_of_the_guideline(cards, library):
    """§Card Attributes: the primary source of the guidance."""
    sources = {g.id: (g.source.url, tuple(g.source.label.values())) for g in library.guidelines}
    wrong = {
        (guideline_of(c)[0], c["source"]["url"])
        for _, c in cards
        if c["source"]["url"] != sources[guideline_of(c)[0]][0]
        or not any(label in c["source"]["label"] for label in sources[guideline_of(c)[0]][1])
    }
    assert wrong == set()


def test_one_content_version_for_each_guideline(cards, library):
    """Every card names its guideline and the content version, and it is one."""
    versions = {
        (*guideline_of(card), card["extension"][EXTENSION]["contentVersion"]) for _, card in cards
    }
    assert sorted(versions) == sorted((g.id, g.version, g.version) for g in library.guidelines)


def test_card_and_explain_tell_one_tree(client, templates, clock):
    """Decision 26: explain and the card read one evaluated tree; silent recommendations are in the trace too."""
    for case, hook in SAMPLE[::8]:
        request = request_for(case.id, hook, templates, clock)
        answered = post(client, hook, request).get_json()["cards"]
        told = post(client, hook, request, "/explain/").get_json()
        trees = {r["recommendation"]: r for r in told["recommendations"]}
        for card in answered:
            tree = card["extension"][EXTENSION]
            if card["source"]["topic"]["code"] not in OF_ITS_OWN:
                assert {
                    k: v
                    for k, v in trees[tree["recommendation"]].items()
                    if k not in ("title", "others")
                } == tree, case.id
        speaking = {key for key, tree in trees.items() if tree["verdict"] in SPEAKING}
        assert speaking == {c["source"]["topic"]["code"] for c in answered} - set(OF_ITS_OWN), (
            case.id
        )
        assert {r["verdict"] for r in told["recommendations"]} <= VERDICTS
        assert all(
            i["state"] in ("present", "empty", "partial", "unavailable") for i in told["inputs"]
        )


def test_links_lead_to_a_page_of_this_service(cards, client):
    """H2: a link is loaded by GET in a browser; ours lead to the guideline's own pages, in both languages."""
    urls = {
        (answer.language, link["url"])
        for answer, card in cards
        for link in card.get("links", [])
        if link["url"].startswith(SETTINGS.public_url)
    }
    assert urls
    for language, url in urls:
        page = client.get(urlsplit(url).path, headers={"Accept-Language": language})
        assert page.status_code == 200 and page.mimetype == "text/html", url
        assert f'lang="{language}"' in page.get_data(as_text=True)


# ---------------------------------------------------------------------------------------------------- language

DUTCH, ENGLISH = "verwijs voor ductoscopie", "refer for ductoscopy"
ACCEPTED = [
    ("nl", DUTCH),
    ("en", ENGLISH),
    ("en-GB", ENGLISH),
    ("en-US,en;q=0.8", ENGLISH),
    ("nl-BE", DUTCH),
    ("NL", DUTCH),
    ("EN", ENGLISH),
    ("de", DUTCH),
    ("de, en;q=0.5", ENGLISH),
    ("fr;q=1, nl;q=0.1, en;q=0.9", ENGLISH),
    ("en;q=0.1, nl;q=0.9", DUTCH),
    ("nl;q=0, en", ENGLISH),
    ("*", DUTCH),
    ("", DUTCH),
    (None, DUTCH),
    (";;;q=", DUTCH),
    ("en;q=abc", None),
    ("en;q=nan", None),
    ("q=1e999", DUTCH),
    ("\u00e9\u00e8", DUTCH),
    ("x" * 4000, DUTCH),
    (",".join(["de"] * 800), DUTCH),
    ("nl_NL", None),
    ("<script>", DUTCH),
]


@pytest.mark.parametrize(
    "header, words", ACCEPTED, ids=[str(header)[:30] for header, _ in ACCEPTED]
)
def test_accept_language(client, templates, clock, header, words):
    """Cards come in the language that the client asks for, in nl by default; garbage is no error (None: either language will do)."""
    headers = {} if header is None else {"Accept-Language": header}
    answer = post(
        client,
        "patient-view",
        request_for(REFERRAL, "patient-view", templates, clock),
        headers=headers,
    )
    assert answer.status_code == 200
    assert "Accept-Language" in answer.headers["Vary"]
    (card,) = answer.get_json()["cards"]
    assert any(text in card["summary"] for text in ([words] if words else [DUTCH, ENGLISH]))


@pytest.mark.parametrize("header", ["de", None, "garbage;;"])
def test_the_default_language_is_a_setting(library, templates, clock, header):
    """CDS_LANGUAGE decides where the client asks for none that we have."""
    client = create_app(replace(SETTINGS, language="en"), library, clock).test_client()
    headers = {} if header is None else {"Accept-Language": header}
    (card,) = post(
        client,
        "patient-view",
        request_for(REFERRAL, "patient-view", templates, clock),
        headers=headers,
    ).get_json()["cards"]
    assert ENGLISH in card["summary"]


@pytest.mark.parametrize("hook", SERVICE)
def test_no_advice_is_an_empty_list_of_cards(client, templates, clock, hook):
    """Check 10: guideline does not apply, complete data: 200 and exactly {"cards": []}."""
    answer = post(
        client,
        hook,
        request_for(NOBODY, "patient-view", {"patient-view": templates[hook]}, clock)
        | {
            "hook": hook,
            "context": {
                "userId": "Practitioner/1",
                "patientId": NOBODY,
                "selections": [],
                "draftOrders": {"resourceType": "Bundle"},
            },
        },
    )
    assert (answer.status_code, answer.get_data(as_text=True).strip()) == (200, '{"cards":[]}')


def test_a_warning_is_a_warning(client, templates, clock):
    """The catalogue's one warning of this guideline keeps its indicator on the card."""
    answer = post(
        client, "order-sign", request_for(CONTRAINDICATED, "order-sign", templates, clock)
    )
    assert (
        codes(answer) == ["ductoscopyContraindicated"]
        and answer.get_json()["cards"][0]["indicator"] == "warning"
    )
