"""What is wrong with the content, collected: every fault with its place and, where a name is wrong, the nearest right one."""

import string
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import Path

from cds_service.facts.definitions import LANGUAGES
from cds_service.guideline.model import Guideline, Words


class Checking:
    """The faults of one loading, and the two questions that all content is asked."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def words(self, words: object, place: str, values: set[str] | None = None) -> Words:
        """A text in every language; with `values`, its placeholders must be among them."""
        if (
            not isinstance(words, dict)
            or set(words) != set(LANGUAGES)
            or not all(isinstance(t, str) and t for t in words.values())
        ):
            self.faults.append(f"{place}: a text is needed in {' and '.join(LANGUAGES)}")
            return dict.fromkeys(LANGUAGES, "?")
        if values is not None:
            for language, text in words.items():
                try:
                    unknown = {
                        name for _, name, *_ in string.Formatter().parse(text) if name
                    } - values
                except ValueError as error:
                    self.faults.append(f"{place}.{language}: {error}")
                    continue
                self.faults += [
                    f"{place}.{language}: {{{name}}} is given by nothing here"
                    for name in sorted(unknown)
                ]
        return words

    def known(self, name: object, names: object, kind: str, place: str) -> bool:
        """Whether a name is one of the names that exist."""
        if name in names:  # type: ignore[operator]
            return True
        near = get_close_matches(str(name), [str(n) for n in names], 1)  # type: ignore[attr-defined]
        self.faults.append(
            f"{place}: no {kind} named {name}" + (f"; did you mean {near[0]}?" if near else "")
        )
        return False


def clashing_names(root: Path, more: Collection[Path]) -> list[str]:
    """Guideline folders from elsewhere that are named as a folder of cards/, or as each other."""
    names = [folder.name for folder in more]
    return [
        f"{folder}: there is another folder named {folder.name}; give it a name of its own"
        for folder in more
        if (root / folder.name).exists() or names.count(folder.name) > 1
    ]


def clashing_keys(guidelines: Iterable[Guideline]) -> list[str]:
    """Recommendations with a key that stands in another guideline too: cards, coverage and settings go by key."""
    seen: dict[str, str] = {}
    return [
        f"{guideline.id}/guideline.yaml: {r.key} is also a recommendation of {seen[r.key]}"
        for guideline in guidelines
        for r in guideline.recommendations
        if seen.setdefault(r.key, guideline.id) != guideline.id
    ]
