"""Where the content lies: beside the package in a checkout, inside it when installed; imported as cds_service.cards.

Guideline folders from elsewhere (CDS_CONTENT) join it under their own names: `added_folders` finds and checks them, `add` makes them known.
"""

import importlib
import importlib.util
import pkgutil
import re
import stat
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from cds_service.errors import ConfigurationError

PACKAGE = "cds_service.cards"
_HERE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    # The checkout is known by its setup.cfg, so that a stray folder "cards" in site-packages is never taken.
    in_checkout = _HERE.parent / name
    return (
        in_checkout
        if in_checkout.is_dir() and (_HERE.parent / "setup.cfg").exists()
        else _HERE / name
    )


def cards_folder() -> Path:
    """The folder cards/."""
    return _folder("cards")


def examples_folder() -> Path:
    """The folder fhir_examples/."""
    return _folder("fhir_examples")


_added: dict[str, Path] = {}  # guideline -> its folder, of those from elsewhere


def folder_of(name: str) -> Path:
    """The folder of a guideline, wherever it lies, or another folder of cards/."""
    return _added.get(name) or cards_folder() / name


def added_folders(place: Path) -> tuple[Path, ...]:
    """The guideline folders at a place outside cards/: the place itself, or the folders in it.

    Raises ConfigurationError where there are none, or where other users of the machine could change what will run here as code.
    """
    if not place.is_dir():
        raise ConfigurationError(f"{place} is not a folder")
    place = place.resolve()
    is_guideline = (place / "guideline.yaml").exists()
    found = [place] if is_guideline else sorted(p.parent for p in place.glob("*/guideline.yaml"))
    if not found:
        raise ConfigurationError(
            f"{place} holds no guideline: name a folder with a guideline.yaml, or a folder of such folders"
        )
    for folder in found:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", folder.name):
            raise ConfigurationError(f"{folder}: its name must be of small letters, digits and _")
        for path in (place, folder, *sorted(folder.rglob("*"))):
            if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise ConfigurationError(
                    f"{path} can be written by others, whose code would run here; chmod go-w"
                )
    return tuple(found)


def add(folders: Iterable[Path]) -> None:
    """Make guideline folders from elsewhere known by their names, to be imported as cds_service.cards.<name>."""
    for folder in folders:
        if _added.get(folder.name) != folder:
            package = f"{PACKAGE}.{folder.name}"
            for known in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
                del sys.modules[known]
            _added[folder.name] = folder
            _import_cards()
            _import_folder(package, folder)


def _import_cards() -> None:
    if PACKAGE not in sys.modules:
        _import_folder(PACKAGE, cards_folder())


def _import_folder(package: str, folder: Path) -> None:
    """Import a folder as a package of another name than that of its place; it need not have an __init__.py."""
    first = folder / "__init__.py"
    spec = (
        importlib.util.spec_from_file_location(package, first) if first.exists() else None
    ) or ModuleSpec(package, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    sys.modules[package] = importlib.util.module_from_spec(spec)
    if spec.loader is not None:
        spec.loader.exec_module(sys.modules[package])


def content_module(name: str) -> ModuleType | None:
    """A Python module of the content, such as `shared.criteria`; None where the folder has none."""
    _import_cards()
    try:
        return importlib.import_module(f"{PACKAGE}.{name}")
    except ModuleNotFoundError as error:
        if error.name and f"{PACKAGE}.{name}".startswith(error.name):
            return None
        raise


def content_modules(name: str, without: str = "") -> list[ModuleType]:
    """The modules of a content package and of its packages, itself included; none where the content has no such name.

    `without`: a part that is passed over and not imported.
    """
    module = content_module(name)
    if module is None:
        return []
    inner = sorted(found.name for found in pkgutil.iter_modules(getattr(module, "__path__", [])))
    return [
        module,
        *(
            one
            for part in inner
            if part != without
            for one in content_modules(f"{name}.{part}", without)
        ),
    ]
