"""Where the content lies: beside the package in a checkout, inside it when installed; imported as cds_service.cards."""

import importlib
import importlib.util
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

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


def content_module(name: str) -> ModuleType | None:
    """A Python module of the content, such as `shared.criteria`; None where the folder has none."""
    package = "cds_service.cards"
    if package not in sys.modules:
        folder = cards_folder()
        spec = importlib.util.spec_from_file_location(
            package, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - for type checkers
        sys.modules[package] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[package])
    try:
        return importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError as error:
        if error.name and f"{package}.{name}".startswith(error.name):
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
