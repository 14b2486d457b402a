"""What a resource of a case says, as one of the concepts of `cases.py` with its side, doubt and details."""

from dataclasses import dataclass, field

Resource = dict


@dataclass(frozen=True)
class Said:
    """One statement, free of any code system."""

    concept: str
    side: str | None = None  # left, right, both
    site: str | None = None  # where it stands beside the breast: axilla, lung...
    place: str = ""  # tells two lesions of one site apart: L3, segment VII
    doubt: bool = False  # the words say so: suspected
    details: tuple[str, ...] = ()  # keys of cases.DETAILS


@dataclass
class Restated:
    """A record in another dialect, with what the dialect could not say.

    `dropped`: reference -> what was lost of it, told before the service is asked. `as_written`: what the dialect has no form for and a
    system that speaks it would keep in the form of its source; `restated`: how many statements were said again.
    """

    dialect: str
    resources: list[Resource] = field(default_factory=list)
    orders: list[Resource] = field(default_factory=list)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    as_written: list[str] = field(default_factory=list)
    restated: int = 0

    @property
    def coverage(self) -> str:
        if not self.restated:
            return "not"
        return "partly" if self.as_written or self.dropped else "fully"
