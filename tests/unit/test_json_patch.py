"""JSON Patch against the examples of RFC 6902, Appendix A, and what is not a patch."""

import pytest

from cds_service.demo.sandbox.json_patch import BadPatch, patched

APPENDIX_A = [
    (
        "A.1",
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux"}],
        {"baz": "qux", "foo": "bar"},
    ),
    (
        "A.2",
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    ("A.3", {"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    (
        "A.4",
        {"foo": ["bar", "qux", "baz"]},
        [{"op": "remove", "path": "/foo/1"}],
        {"foo": ["bar", "baz"]},
    ),
    (
        "A.5",
        {"baz": "qux", "foo": "bar"},
        [{"op": "replace", "path": "/baz", "value": "boo"}],
        {"baz": "boo", "foo": "bar"},
    ),
    (
        "A.6",
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    (
        "A.7",
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    (
        "A.8",
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [
            {"op": "test", "path": "/baz", "value": "qux"},
            {"op": "test", "path": "/foo/1", "value": 2},
        ],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    ("A.9", {"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}], BadPatch),
    (
        "A.10",
        {"foo": "bar"},
        [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
        {"foo": "bar", "child": {"grandchild": {}}},
    ),
    (
        "A.11",
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}],
        {"foo": "bar", "baz": "qux"},
    ),
    ("A.12", {"foo": "bar"}, [{"op": "add", "path": "/baz/bat", "value": "qux"}], BadPatch),
    ("A.14", {"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    ("A.15", {"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": "10"}], BadPatch),
    (
        "A.16",
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
        {"foo": ["bar", ["abc", "def"]]},
    ),
]

OTHERS = [
    (
        "copy",
        {"a": [1]},
        [{"op": "copy", "from": "/a", "path": "/b"}, {"op": "add", "path": "/a/0", "value": 0}],
        {"a": [0, 1], "b": [1]},
    ),
    ("whole", {"a": 1}, [{"op": "replace", "path": "", "value": {"b": 2}}], {"b": 2}),
    (
        "null is a value",
        {"a": 1},
        [{"op": "add", "path": "/b", "value": None}],
        {"a": 1, "b": None},
    ),
    ("the end of a list", [1], [{"op": "add", "path": "/1", "value": 2}], [1, 2]),
    (
        "numbers compare as numbers",
        {"a": 1},
        [{"op": "test", "path": "/a", "value": 1.0}],
        {"a": 1},
    ),
    ("true is not one", {"a": [True]}, [{"op": "test", "path": "/a", "value": [1]}], BadPatch),
    ("beyond the end", [1], [{"op": "add", "path": "/2", "value": 2}], BadPatch),
    ("no leading zeros", [1, 2], [{"op": "remove", "path": "/01"}], BadPatch),
    ("into itself", {"a": {"b": 1}}, [{"op": "move", "from": "/a", "path": "/a/b"}], BadPatch),
    ("to itself", {"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
    ("doubling", {}, [{"op": "copy", "from": "", "path": "/a"}] * 100, BadPatch),
    ("too many", {}, [{"op": "add", "path": "/a", "value": 1}] * 1001, BadPatch),
    ("a pointer", {}, [{"op": "add", "path": "/~2", "value": 1}], BadPatch),
    ("a list in op", {}, [{"op": [], "path": "", "value": 1}], BadPatch),
]


@pytest.mark.parametrize(
    ("name", "document", "operations", "expected"),
    APPENDIX_A + OTHERS,
    ids=[row[0] for row in APPENDIX_A + OTHERS],
)
def test_examples(name, document, operations, expected):
    before = repr(document)
    if expected is BadPatch:
        with pytest.raises(BadPatch):
            patched(document, operations)
    else:
        assert patched(document, operations) == expected
    assert repr(document) == before
