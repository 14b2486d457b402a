"""Content files are read by libyaml where there is one: it must give what the reader in Python gives, and faults in its words."""

import pytest

from cds_service.content import cards_folder
from cds_service.errors import ContentError
from cds_service.strict import yaml as strict_yaml
from tests.house.source import ROOT

FILES = sorted(
    [
        *cards_folder().rglob("*.yaml"),
        *(ROOT / "cds_service").rglob("*.yaml"),
        *(ROOT / "docs").rglob("*.yaml"),
        *(ROOT / "tests").rglob("*.yaml"),
    ]
)
FAULTS = {
    "a: 1\nb: 2\na: 3": ":3: the key 'a' was already given on line 1",
    "a:\n  b: {c: 1, c: 2}": ":2: the key 'c' was already given on line 2",
    "[a]: 1": ":1: a key is a word, not a list or a mapping",
    "{a: 1}: 1": ":1: a key is a word, not a list or a mapping",
    "? [a]\n: 1": ":1: a key is a word, not a list or a mapping",
    "a: [1, 2": ":1: expected ',' or ']', but got '<stream end>'",
    "a: b: c": ":1: mapping values are not allowed here",
    "a: 1\n\tb: 2": ":2: found character '\\t' that cannot start any token",
    "a: *b": ":1: found undefined alias 'b'",
    "a: 1\n---\nb: 2": ":2: but found another document",
    "a: !!python/object:os.system x": ":1: could not determine a constructor for the tag",
    "a: \x01": "cannot be read as YAML",
    "a: 2026-13-45": "cannot be read as YAML (month must be in 1..12)",
    "[" * 5000: "cannot be read as YAML",
}


@pytest.fixture(params=["fast", "in Python"])
def reader(request, monkeypatch):
    """With libyaml, and as where there is none."""
    if request.param == "in Python":
        monkeypatch.setattr(strict_yaml, "_FastLoader", strict_yaml._Loader)


@pytest.mark.full
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_both_readers_read_the_same(path, monkeypatch):
    fast = strict_yaml.load(path)
    monkeypatch.setattr(strict_yaml, "_FastLoader", strict_yaml._Loader)
    assert repr(fast) == repr(strict_yaml.load(path))


@pytest.mark.full
@pytest.mark.parametrize("text, words", FAULTS.items(), ids=[ascii(text)[:30] for text in FAULTS])
def test_a_fault_is_told_with_its_place(reader, tmp_path, text, words):
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        strict_yaml.load(path)
    (fault,) = refused.value.faults
    assert fault.startswith(str(path)) and words in fault, fault


@pytest.mark.parametrize("content", [b"a: \xff", None])
def test_a_file_that_is_no_text_or_not_there(reader, tmp_path, content):
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ContentError):
        strict_yaml.load(path)
