"""The house rules of the code, read from its syntax: doors, floors, no clock below the web floor, no stray `if` on a truth."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest
import yaml

from tests.distribution.servers import environment
from tests.house.source import ROOT, Module, dotted, modules

SERVICE, CARDS = modules("cds_service"), modules("cards")
ALL = SERVICE + CARDS
NAMES = {module.name for module in ALL}

# --- 1. One door per library

DOORS = {
    "flask": ("cds_service/web/", "cds_service/demo/"),
    "werkzeug": ("cds_service/web/", "cds_service/demo/"),
    "jinja2": ("cds_service/web/", "cds_service/population/summary.py"),
    "markdown_it": ("cds_service/web/pages/markdown.py",),
    "nh3": ("cds_service/web/pages/markdown.py",),
    "markupsafe": ("cds_service/web/", "cds_service/demo/playground/"),
    "requests": ("cds_service/outbound/egress.py", "cds_service/outbound/trust.py"),
    "urllib3": (
        "cds_service/outbound/egress.py",
        "cds_service/outbound/deadline.py",
        "cds_service/outbound/trust.py",
    ),
    "jwt": ("cds_service/security/keys.py", "cds_service/security/tokens.py"),
    "cryptography": ("cds_service/security/keys.py",),
    "sqlalchemy": ("cds_service/store/",),
    "fhir": ("cds_service/fhir/validation.py",),  # fhir.resources
    "pydantic": (
        "cds_service/fhir/validation.py",
        "cds_service/guideline/loading/shape.py",
        "cds_service/security/clients.py",
        "cds_service/strict/shapes.py",
        "cds_service/clinical_text/rules.py",
    ),
    "orjson": ("cds_service/web/transport.py",),
    "jiter": ("cds_service/strict/json.py",),
    "jsonpath_ng": ("cds_service/fhir/paths.py",),
    "yaml": ("cds_service/strict/yaml.py",),
    "ahocorasick": ("cds_service/clinical_text/lexicon.py",),
    "click": ("cds_service/cli/",),
    "duckdb": ("cds_service/population/grouping.py",),
    # Other processes and whole folders, of a population run only.
    "multiprocessing": ("cds_service/population/run.py",),
    "shutil": ("cds_service/population/run.py",),
    "gzip": ("cds_service/population/export.py",),
    # The network of the standard library has doors too.
    "socket": ("cds_service/outbound/deadline.py", "cds_service/demo/run.py"),
    "gc": ("cds_service/serving.py", "cds_service/__init__.py"),
    "ssl": ("cds_service/outbound/trust.py",),
    "http.client": ("cds_service/outbound/egress.py",),
    "urllib.request": ("cds_service/demo/run.py",),
    "subprocess": ("cds_service/demo/run.py",),
}
# Python that comes with the interpreter and does no harm: everything else that is imported must have a door.
QUIET = set(
    "__future__ abc ast base64 binascii bisect calendar collections concurrent contextlib copy csv dataclasses datetime decimal difflib enum functools hashlib heapq "  # noqa: SIM905 - a line of words
    "html http importlib inspect io ipaddress itertools json keyword logging math operator os pathlib pkgutil re signal stat statistics string sys tempfile textwrap threading "
    "time traceback types typing unicodedata uuid weakref zlib zoneinfo".split()
)


def door_of(name: str) -> str:
    """The library that an import belongs to, as DOORS names it."""
    return next(
        (
            library
            for library in sorted(DOORS, key=len, reverse=True)
            if name == library or name.startswith(f"{library}.")
        ),
        "",
    )


def through_the_wall(module: Module) -> list[str]:
    wrong = []
    for imported in module.imports:
        top, library = imported.name.split(".")[0], door_of(imported.name)
        if (
            top == "cds_service"
            or (top in QUIET and not library)
            or (top == "urllib" and imported.name.startswith(("urllib.parse", "urllib.error")))
        ):
            continue
        if not any(module.path.startswith(door) for door in DOORS.get(library, ())):
            wrong.append(f"{module.path}:{imported.line}: {imported.name}")
    return wrong


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.path)
def test_one_door_per_library(module):
    assert through_the_wall(module) == []


@pytest.mark.parametrize("library", DOORS)
def test_every_door_is_used(library):
    """A door that nobody uses is a hole in this test."""
    users = {
        module.path
        for module in ALL
        for imported in module.imports
        if door_of(imported.name) == library
    }
    assert users, f"nothing imports {library}"
    assert all(any(user.startswith(door) for user in users) for door in DOORS[library]), (
        f"{library}: one of {DOORS[library]} does not use it"
    )


def test_orjson_writes_and_never_reads():
    """It takes the last of two members with one name, and makes 2^64 a float (strict_json says how else)."""
    assert [
        module.path
        for module in ALL
        if "orjson" in module.text and re.search(r"orjson\.(?!dumps\b)", module.text)
    ] == []


# --- 2. Two houses: machinery knows no guideline, content knows no HTTP


@pytest.mark.parametrize("module", SERVICE, ids=lambda module: module.path)
def test_the_machinery_does_not_import_content(module):
    assert [
        i.name for i in module.imports if i.name.startswith(("cards", "cds_service.cards"))
    ] == []


GUIDELINES = sorted(path.parent for path in (ROOT / "cards").glob("*/guideline.yaml"))


def names_of(folder) -> set[str]:
    """The recommendations, facts, value sets and criteria of one guideline. The kinds of orders are plain words ("ultrasound")."""
    guideline = yaml.safe_load((folder / "guideline.yaml").read_text(encoding="utf-8"))
    card = yaml.safe_load((folder / "card.yaml").read_text(encoding="utf-8"))
    facts = (
        yaml.safe_load((folder / "facts.yaml").read_text(encoding="utf-8"))
        if (folder / "facts.yaml").exists()
        else {}
    )
    found = {
        folder.name,
        *facts,
        *(r["id"] for r in guideline["recommendations"]),
        *card["criteria"],
    }
    return found | {path.stem for path in (folder / "value_sets").glob("*.csv")}


def strings(module: Module):
    """Every text in the code, docstrings and parts of f-strings too, with its line."""
    return [
        (node.lineno, node.value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.mark.parametrize("folder", GUIDELINES, ids=lambda folder: folder.name)
def test_the_machinery_names_nothing_of_a_guideline(folder):
    names = names_of(folder)
    word = re.compile(
        r"(?<![\w-])(?:"
        + "|".join(sorted(map(re.escape, names), key=len, reverse=True))
        + r")(?![\w-])"
    )
    found = [
        f"{m.path}:{line}: {text[:60]!r}"
        for m in SERVICE
        for line, text in strings(m)
        if word.search(text)
    ]
    assert found == []


def test_the_rule_about_names_would_find_one():
    planted = Module("cds_service/planted.py", 'KEY = "ductoscopyReferral"\n')
    names = set().union(*(names_of(folder) for folder in GUIDELINES))
    assert [text for _, text in strings(planted) if text in names] == ["ductoscopyReferral"]
    assert len(names) > 30


@pytest.mark.parametrize("module", CARDS, ids=lambda module: module.path)
def test_content_knows_no_http_and_no_other_guideline(module):
    allowed = (
        "cds_service.facts.",
        "cds_service.fhir.",
        "cds_service.guideline.",
        "cds_service.logic.",
        "cds_service.terminology.",
        "cds_service.clinical_text.",
        "cds_service.casebook.vocabulary.",
        "cds_service.cards.",
        f"{module.name.rpartition('.')[0]}.",
    )
    wrong = [
        i.name
        for i in module.imports
        if i.name.startswith("cds_service") and not i.name.startswith(allowed)
    ]
    assert wrong == []
    assert not [
        i.name
        for i in module.imports
        if i.name.startswith(
            (
                "cds_service.fhir_client",
                "cds_service.outbound",
                "cds_service.security",
                "cds_service.store",
            )
        )
    ]


# --- 3. Floors without circles

# The ground floor last, as in the design: a room imports its own floor and those below it.
FLOORS = (
    ("cds_service.cli", "cds_service.__main__"),
    ("cds_service.demo", "cds_service.population"),
    ("cds_service.serving", "cds_service"),
    ("cds_service.web", "cds_service.documentation", "cds_service.cards"),
    ("cds_service.casebook", "cds_service.what_if", "cds_service.timeline"),
    ("cds_service.rendering",),
    ("cds_service.decision",),
    ("cds_service.guideline", "cds_service.security"),
    ("cds_service.store", "cds_service.facts", "cds_service.fhir_client"),
    (
        "cds_service.settings",
        "cds_service.strict",
        "cds_service.cds_hooks",
        "cds_service.clinical_text",
        "cds_service.terminology",
        "cds_service.fhir",
    ),
    (
        "cds_service.logic",
        "cds_service.errors",
        "cds_service.content",
        "cds_service.version",
        "cds_service.outbound",
    ),
)


def floor_of(name: str) -> int:
    """Counted from the ground; the longest name wins, so that "cds_service" itself is the top floor."""
    rooms = {room: number for number, floor in enumerate(reversed(FLOORS)) for room in floor}
    return rooms[
        max(
            (
                room
                for room in rooms
                if name == room or name.startswith(f"{room}.") and room != "cds_service"
            ),
            key=len,
        )
    ]


def own(name: str) -> str:
    """The module of ours that an import names (`from cds_service.logic import Truth` names cds_service.logic)."""
    return name if name in NAMES else name.rpartition(".")[0]


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.path)
def test_a_room_imports_only_its_own_floor_and_those_below(module):
    wrong = [
        f"{module.path}:{i.line}: {own(i.name)}"
        for i in module.imports
        if i.name.startswith("cds_service")
        and own(i.name) != "cds_service"
        and floor_of(own(i.name)) > floor_of(module.name)
    ]
    assert wrong == []


def test_every_module_stands_on_a_floor():
    for name in NAMES:
        assert floor_of(name) >= 0, name


def test_imports_form_no_circle():
    graph = {
        m.name: {
            own(i.name)
            for i in m.imports
            if i.at_once and own(i.name) in NAMES and own(i.name) != m.name
        }
        for m in ALL
    }
    assert sum(map(len, graph.values())) > 100, "the graph was read"
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


OUTSIDE_LIBRARIES_OF_THE_GROUND = {"cds_service.outbound": {"requests", "urllib3"}}


def test_the_ground_floor_needs_nothing_but_the_standard_library():
    for room in FLOORS[-1]:
        inside = [m for m in SERVICE if m.name == room or m.name.startswith(f"{room}.")]
        assert inside, room
        names = {i.name.split(".")[0] for m in inside for i in m.imports}
        outside = names - QUIET - {"cds_service", "urllib", "socket", "ssl"}
        assert outside == OUTSIDE_LIBRARIES_OF_THE_GROUND.get(room, set()), room


# The sandbox and the playground are the demo's: production can neither serve nor load them.
DEMO_ONLY = {name for name in NAMES if name.startswith("cds_service.demo.")}


def test_only_the_demo_imports_the_sandbox_and_the_playground():
    assert len(DEMO_ONLY) > 10
    users = {
        (m.name, i.at_once)
        for m in ALL
        for i in m.imports
        if own(i.name) in DEMO_ONLY and m.name not in DEMO_ONLY
    }
    assert users == {("cds_service.cli.run", False)}, "only there, and only inside a function"


@pytest.mark.full
def test_production_loads_nothing_of_the_demo():
    look = (
        "import sys, cds_service; cds_service.create_app(); "
        f"print(sorted(n for n in sys.modules if n in {DEMO_ONLY!r}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", look],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        check=True,
    )
    assert run.stdout.strip().endswith("[]"), run.stdout


# Floors say who may stand on whom; these say who never does, whatever the floors.
NEVER = (  # (who, whom, what it would break)
    (
        "cds_service.fhir",
        "cds_service.outbound",
        "reading is pure: the same bytes, the same record",
    ),
    ("cds_service.fhir", "cds_service.fhir_client", "reading is pure"),
    ("cds_service.facts", "cds_service.outbound", "facts come of what was gathered"),
    ("cds_service.facts", "cds_service.fhir_client", "facts come of what was gathered"),
    ("cds_service.guideline", "cds_service.outbound", "judging asks nobody"),
    ("cds_service.guideline", "cds_service.fhir_client", "judging asks nobody"),
    (
        "cds_service.cards.shared",
        "cds_service.cards.readers",
        "criteria judge facts, not resources",
    ),
    *(
        (f"cds_service.cards.{folder.name}", "cds_service.cards.readers", "as shared")
        for folder in GUIDELINES
    ),
)


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def crossings(module: Module) -> list[str]:
    """Imports of a module that are forbidden, inside functions too."""
    return [
        f"{module.path}:{i.line}: {i.name} ({why})"
        for who, whom, why in NEVER
        if within(module.name, who)
        for i in module.imports
        if within(i.name, whom)
    ]


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.path)
def test_a_room_never_imports(module):
    assert crossings(module) == []


@pytest.mark.parametrize("who, whom, why", NEVER, ids=lambda part: part)
def test_the_rule_about_rooms_would_find_it_and_its_rooms_exist(who, whom, why):
    path = who.removeprefix("cds_service.") if ".cards." in who else who
    planted = Module(f"{path.replace('.', '/')}/planted.py", f"def f():\n    import {whom}.x\n")
    assert len(crossings(planted)) == 1
    assert any(within(name, who) for name in NAMES)
    assert any(within(name, whom) for name in NAMES)


def test_few_modules_lie_loose():
    """What has a room lies in it: a new file beside the rooms needs a reason."""
    loose = [module.path for module in SERVICE if module.path.count("/") == 1]
    assert 0 < len(loose) <= 9, loose


# --- 4. Nothing below the web floor reads the clock, the environment or the network

OUTSIDE = re.compile(
    r"(?:.*\.)?(?:datetime\.(?:now|utcnow|today)|date\.today|os\.environ|os\.getenv|environ|getenv|time\.(?:time|monotonic|perf_counter|time_ns|sleep)|"
    r"monotonic|perf_counter|socket\.\w+|random\.\w+|locale\.\w+)"
)
MAY = (
    "cds_service/web/",
    "cds_service/cli/",
    "cds_service/__init__.py",
    "cds_service/demo/",
    "cds_service/serving.py",
)
MAY_BESIDES = {  # the deadline of a read and connections that wait need a clock that never goes back, and the network
    "cds_service/fhir_client/client.py": re.compile(r"monotonic"),
    "cds_service/security/jwks.py": re.compile(r"monotonic"),
    "cds_service/outbound/egress.py": re.compile(r"monotonic"),
    "cds_service/outbound/deadline.py": re.compile(r"monotonic|socket\.\w+"),
}


def looks_outside(module: Module) -> list[str]:
    names = [
        (node.lineno, dotted(node))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute | ast.Name)
    ]
    allowed = MAY_BESIDES.get(module.path)
    return [
        f"{module.path}:{line}: {name}"
        for line, name in names
        if OUTSIDE.fullmatch(name) and not (allowed and allowed.fullmatch(name))
    ]


@pytest.mark.parametrize(
    "module", [m for m in ALL if not m.path.startswith(MAY)], ids=lambda module: module.path
)
def test_no_clock_environment_or_network_below_the_web_floor(module):
    assert looks_outside(module) == []


CLOCKS = [
    "datetime.now(zone)",
    "date.today()",
    "datetime.datetime.now()",
    "os.environ['X']",
    "os.getenv('X')",
    "time.time()",
    "environ.get('X')",
    "socket.socket()",
]


@pytest.mark.parametrize("source", CLOCKS)
def test_the_rule_about_the_clock_would_find_it(source):
    assert looks_outside(Module("cds_service/fhir/planted.py", f"x = {source}\n"))


def test_the_rule_about_the_clock_knows_a_moment_that_is_handed_in():
    assert (
        looks_outside(
            Module(
                "cds_service/fhir/planted.py",
                "x = self.now.date()\ny = datetime.combine(a, b)\nz = parse(now)\n",
            )
        )
        == []
    )


# --- 5. A truth value never meets `if`, `and`, `or`, `not`

FIELDS = {"truth", "asserted", "current", "answered"}  # fields that hold a truth


def truth_makers(*among: Module) -> set[str]:
    """Functions whose annotation says that they return a truth (or void); not where another function of that name does not."""
    yes, no = set(), set()
    for module in among:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                returned = ast.unparse(node.returns).strip("'\"") if node.returns else ""
                (yes if returned in ("Truth", "Truth | None") else no).add(node.name)
    return yes - no


MAKERS = truth_makers(*ALL)


def is_truth(node: ast.AST, named: set[str], makers: set[str]) -> bool:
    if isinstance(node, ast.Call):
        name = (
            node.func.attr
            if isinstance(node.func, ast.Attribute)
            else node.func.id
            if isinstance(node.func, ast.Name)
            else ""
        )
        return name in makers
    if isinstance(node, ast.Attribute):
        return node.attr in FIELDS
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.Invert)
        or isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitAnd | ast.BitOr)
    ):
        return any(is_truth(inner, named, makers) for inner in ast.iter_child_nodes(node))
    return isinstance(node, ast.Name) and node.id in named


def two_sided(node: ast.AST) -> list[ast.AST]:
    """The expressions that this node asks for yes or no."""
    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        return [node.test]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [node.operand]
    if isinstance(node, ast.comprehension):
        return node.ifs
    if isinstance(node, ast.Call) and dotted(node.func) in ("bool", "any", "all"):
        inside = [
            inner.elt if isinstance(inner, ast.GeneratorExp | ast.ListComp | ast.SetComp) else inner
            for inner in node.args
        ]
        return [
            part
            for inner in inside
            for part in (
                inner.elts if isinstance(inner, ast.List | ast.Tuple | ast.Set) else [inner]
            )
        ]
    return []


def body_of(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, not those of the functions inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from body_of(child)


def strays(module: Module) -> list[str]:
    found = []
    makers = MAKERS | truth_makers(
        module
    )  # a name that means something else in another module is still a truth in this one
    for function in [
        module.tree,
        *(n for n in ast.walk(module.tree) if isinstance(n, ast.FunctionDef)),
    ]:
        body = list(body_of(function))
        # Names that this function gave to a truth.
        named = {
            t.id
            for n in body
            if isinstance(n, ast.Assign) and is_truth(n.value, set(), makers)
            for t in n.targets
            if isinstance(t, ast.Name)
        }
        found += [
            f"{module.path}:{asked.lineno}: {ast.unparse(asked)}"
            for node in body
            for asked in two_sided(node)
            if is_truth(asked, named, makers)
        ]
    return sorted(set(found))


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.path)
def test_a_truth_never_meets_if_and_or_not(module):
    assert strays(module) == []


STRAYS = [
    "if every(x): pass",
    "y = 1 if a.truth else 2",
    "y = not fact.asserted",
    "y = fact.on(side) and z",
    "y = z or lasts_longer_than(3, b, t)",
    "while either(x): pass",
    "y = [f for f in facts if f.asserted]",
    "y = any(f.on(side) for f in facts)",
    "assert every(x)",
    "def f():\n    found = every(x)\n    if found: pass",
    "y = all([a.truth])",
    "if ~a.truth: pass",
    "if a.asserted & b.asserted: pass",
    "y = [f for f in facts if f.current]",
    "def known(x) -> Truth:\n    pass\nif known(x): pass",
]


@pytest.mark.parametrize("source", STRAYS)
def test_the_rule_about_truths_would_find_a_stray_one(source):
    assert strays(Module("cards/planted.py", source + "\n"))


@pytest.mark.parametrize(
    "source",
    [
        "if every(x) is Truth.MET: pass",
        "y = [f for f in facts if f.asserted is MET]",
        "if a.truth is not NOT_MET and b: pass",
        "if found: pass",
    ],
)
def test_the_rule_about_truths_knows_how_it_is_written_well(source):
    assert strays(Module("cards/planted.py", source + "\n")) == []


def test_the_rule_knows_who_makes_truths():
    assert {
        "every",
        "either",
        "truth",
        "lasts_longer_than",
        "not_before",
        "on_or_after",
        "covers",
        "status_truth",
    } <= MAKERS


# --- Rendering decides nothing


def verdicts_compared(module: Module) -> list[str]:
    """Comparisons with a verdict: whether a card is given follows from one, and that is told in guideline/."""
    return [
        f"{module.path}:{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Compare)
        and any(dotted(part).startswith("Verdict.") for part in ast.walk(node))
    ]


def test_rendering_compares_no_verdict():
    rendering = [m for m in SERVICE if m.path.startswith("cds_service/rendering/")]
    # The trace tells every verdict, and makes no card.
    rendering = [m for m in rendering if m.path != "cds_service/rendering/trace.py"]
    assert len(rendering) > 3
    assert [found for module in rendering for found in verdicts_compared(module)] == []


def test_the_rule_about_verdicts_would_find_one():
    planted = "x = [e for e in found if e.verdict in (Verdict.INCOMPLETE, Verdict.SUPPRESSED)]\n"
    assert len(verdicts_compared(Module("cds_service/rendering/planted.py", planted))) == 1


# --- 6. Small modules that say what they are for

LONG = {  # path: (lines at most, why)
    "cards/case_words/scans.py": (525, "one word of cases.yaml for each examination, in one list"),
    "cards/readers/lesions.py": (
        500,
        "the reader of lesions; reading words becomes a room of its own",
    ),
}
LIMIT = 400


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.path)
def test_a_module_is_read_in_one_sitting(module):
    lines = module.text.count("\n")
    assert lines <= LONG.get(module.path, (LIMIT, ""))[0]


def test_no_module_is_listed_as_long_that_is_not():
    lengths = {module.path: module.text.count("\n") for module in ALL}
    assert [path for path in LONG if lengths.get(path, 0) <= LIMIT] == []


# Public classes and functions that still lack a sentence; none may be added.
WITHOUT_DOCSTRING = {
    "cds_service/fhir/dates.py: month_end",
    "cds_service/fhir/elements.py: Coding",
    "cds_service/fhir/paths.py: compile_path",
    "cds_service/guideline/model.py: Source",
    "cds_service/guideline/model.py: SuggestionTemplate",
}


def without_docstring(module: Module) -> list[str]:
    missing = [] if not module.text.strip() or ast.get_docstring(module.tree) else [module.path]
    for node in module.tree.body:
        # What answers a route is told by the route.
        routed = any(
            dotted(d.func if isinstance(d, ast.Call) else d).startswith("routes.")
            for d in getattr(node, "decorator_list", [])
        )
        if (
            isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not routed
            and not ast.get_docstring(node)
        ):
            missing.append(f"{module.path}: {node.name}")
    return missing


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.path)
def test_every_module_and_what_it_offers_has_a_docstring(module):
    assert set(without_docstring(module)) - WITHOUT_DOCSTRING == set()


# --- 7. No line mentions the machine on which it was written

KINDS = {
    ".py",
    ".md",
    ".yaml",
    ".yml",
    ".csv",
    ".json",
    ".cfg",
    ".toml",
    ".txt",
    ".sh",
    ".html",
    ".css",
    ".js",
    "",
}
LEFT_OUT = {"build", "dist", "node_modules", "__pycache__"}
# Written in halves, so that this file does not hold what it looks for.
PLACES = re.compile(
    "(?<![\\w.:/-])/(?:"
    + "|".join(("wo" + "rk", "ho" + "me", "ro" + "ot", "Us" + "ers", "mn" + "t"))
    + ")/[\\w.-]+|[A-Z]:\\\\Us"
    + "ers"
)


def project_files():
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part not in (".ci", ".gitignore") for part in parts)
        if (
            not hidden
            and not LEFT_OUT & set(parts)
            and not any(part.endswith(".egg-info") for part in parts)
            and path.is_file()
            and path.suffix in KINDS
        ):
            yield path


def test_no_line_mentions_a_place_on_some_machine():
    files = list(project_files())
    assert len(files) > 80
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        )
        if PLACES.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["see /wo" + "rk/main/x.py", "'/ho" + "me/anna/x'", "(/ro" + "ot/x)", "C:\\Us" + "ers\\x"],
)
def test_the_rule_about_places_would_find_one(line):
    assert PLACES.search(line)


def test_the_rule_about_places_knows_an_address():
    assert (
        not PLACES.search("https://example.org/wo" + "rk/x")
        and not PLACES.search("GET /guidelines/x")
        and not PLACES.search("body/home/x")
    )
