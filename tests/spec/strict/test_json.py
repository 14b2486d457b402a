"""JSON is read fast, and as strictly as by the slow reader behind it: RFC 8259 with the refusals of I-JSON (RFC 7493, section 2)."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cds_service.strict import json as strict_json
from cds_service.strict.json import BadJson, loads_any


def told(read, body):
    """What a reader makes of a body, or the words in which it refuses it."""
    try:
        return repr(read(body))  # 1 is not 1.0 and -0.0 is not 0.0
    except BadJson as error:
        return f"refused: {error}"


def written(value) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text(alphabet='[]{}"\\e0+'),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_written_is_read_back(value, is_ascii, indent):
    body = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    try:
        body = body.encode()
    except UnicodeEncodeError:
        return
    assert told(loads_any, body) == told(strict_json._read_slowly, body)


PIECES = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    '"a"',
    '"b"',
    '"mm[Hg]"',
    '"][`"',
    '"[][]"',
    "\\",
    '\\"',
    '"\\\\"',
    '"\\ud800"',
    '"\\u00e9"',
    "1",
    "-0",
    "0.5",
    "1e9",
    "1e308",
    "1e309",
    "1E+400",
    "1e-999",
    "9" * 400,
    "9" * 5000,
    "NaN",
    "Infinity",
    "true",
    "null",
    "é",
    "\x00",
    "\ufeff",
    " ",
    "\n",
    '"2e999"',
    '{"a":1}',
    '{"a":1,"a":2}',
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example('["["[]"]"]')
@example('{"a":"[","b":[],"c":"]"}')
@example('{"a":1,"a":"\\u003a"}')  # the colon that is lost is one that was escaped
@example('{"a":1,"a":"\\u003A"}')
@example('{"a":null,"a":1e400}')
@example('["\\u006eull", 1e400]')
@example("1e400")
@example("[1e0400]")
@example('{"a":-1.5E+309}')
@example("0." + "0" * 250 + "1")
def test_a_text_is_read_or_refused_as_by_the_slow_reader(text):
    body = text.encode("utf-8", "surrogatepass")
    assert told(loads_any, body) == told(strict_json._read_slowly, body)


@given(VALUES, st.data())
def test_a_damaged_body_is_read_or_refused_as_by_the_slow_reader(value, data):
    body = bytearray(json.dumps(value).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(
            st.sampled_from(list(b'"\\[]{},:0eE+-.\xc3\xa9\x00'))
        )
    assert told(loads_any, bytes(body)) == told(strict_json._read_slowly, bytes(body))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_one_that_was_written(number):
    assert loads_any(repr(number).encode()) == number and math.copysign(
        1, loads_any(repr(number).encode())
    ) == math.copysign(1, number)


def nested(levels: int, inner: str = "", beside: str = "") -> bytes:
    return (f"[{beside}" * levels + inner + "]" * levels).encode()


@pytest.mark.parametrize(
    "beside",
    ["", '"mm[Hg]",', '"[",', '"]",', '"][",', '"\\"]",', '"\\\\","]",', "[],", '"a",[],"b",'],
)
@pytest.mark.parametrize("levels", [1, 60, 61, 62, 63, 64, 65, 66, 199, 200, 201, 900])
def test_the_limit_of_depth_is_exact_whatever_stands_in_texts(levels, beside):
    """Brackets in texts ("mm[Hg]") count for nothing."""
    for inner in ("", "1", '"[[["'):
        body = nested(levels, inner, beside)
        assert told(loads_any, body) == told(strict_json._read_slowly, body)


@pytest.mark.parametrize(
    "body, words",
    [
        (b'{"a": 1, "a": 2}', "a member stands twice in one object"),
        (b'{"x": [{"a": {}, "b": 1, "a": {}}]}', "a member stands twice in one object"),
        (b'{"\\u0061": 1, "a": 2}', "a member stands twice in one object"),
        (b"[NaN]", "NaN and Infinity are not JSON"),
        (b"[1, -Infinity]", "NaN and Infinity are not JSON"),
        (b"[1e999]", "a number is too large"),
        (b"[1E+309]", "a number is too large"),
        (b"[" + b"9" * 400 + b".0]", "a number is too large"),
        (b"[1,]", "the body is not JSON (line 1, column 4)"),
        (b'{\n "a" 1}', "the body is not JSON (line 2, column 6)"),
        (b"{} {}", "the body is not JSON (line 1, column 4)"),
        (b'"\xff"', "the body is not UTF-8"),
        ('{"a": "é"}'.encode("utf-16"), "the body is not UTF-8"),
        (b"\xef\xbb\xbf{}", "the body starts with a byte order mark; send plain UTF-8"),
        (b'["\\ud83d"]', "a text holds half a character (a lone surrogate)"),
        (b"[" * 70 + b"]" * 70, "the body nests deeper than 64 levels"),
        (b"[" * 100_000, "the body nests too deeply or holds a number that is too large"),
        (b"1" * 5000, "the body nests too deeply or holds a number that is too large"),
    ],
)
def test_what_is_refused_and_in_which_words(body, words):
    with pytest.raises(BadJson) as refusal:
        loads_any(body)
    assert str(refusal.value) == words


@pytest.mark.parametrize(
    "body, value",
    [
        (
            b'{"id": "3e123", "uuid": "0f3e1234-9e99-4e12-8e77-1e0000000000"}',
            {"id": "3e123", "uuid": "0f3e1234-9e99-4e12-8e77-1e0000000000"},
        ),
        (b"[18446744073709551616, 1e308, 1e-400, 0.1]", [18446744073709551616, 1e308, 0.0, 0.1]),
        (b'["\\ud83d\\ude00", "\\u00e9\\n\\/"]', ["\U0001f600", "é\n/"]),
        (b'{"a": {"a": 1}, "A": {"a": 1}}', {"a": {"a": 1}, "A": {"a": 1}}),
    ],
)
def test_what_is_read(body, value):
    assert loads_any(body) == value


def test_an_ordinary_record_is_not_read_twice(monkeypatch):
    """Units with brackets, UUIDs, escapes and references: what every record holds must not lead to the slow reader."""
    monkeypatch.setattr(strict_json, "_read_slowly", None)
    monkeypatch.setattr(strict_json, "_check_depth", None)
    record = [
        {
            "resourceType": "Observation",
            "id": f"{n:08x}-3e12-4e99-9e00-{n:012x}",
            "code": {"text": 'Bloeddruk "zittend" [mm]\n'},
            "member": [],
            "empty": {},
            "valueQuantity": {"value": 1.2e3 + n / 7, "unit": "mm[Hg]"},
            "note": [{"text": "C:\\pad, 2e12 cellen"}],
        }
        for n in range(200)
    ]
    assert loads_any(written(record)) == record
