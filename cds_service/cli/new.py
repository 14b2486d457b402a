"""`cds-service new`: a small guideline folder that works, to be replaced piece by piece. Its files lie in new_guideline/ beside this one."""

import keyword
import re
from pathlib import Path

import click

from cds_service.cli.content import guide
from cds_service.cli.group import main, with_clear_errors

_TEMPLATES = Path(__file__).with_name("new_guideline")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 24  # letters of a name, so that titles and ids made of it stay within their limits


@main.command()
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of your own guidelines, to be named by CDS_CONTENT; cards/ of the checkout otherwise.",
)
@click.pass_context
@with_clear_errors
def new(context: click.Context, name: str, into: Path | None) -> None:
    """Write a small guideline folder NAME that works: one recommendation with its facts, codes, card in two languages and cases."""
    from cds_service.content import cards_folder

    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > _LONGEST:
        raise click.BadParameter(
            f"a name is at most {_LONGEST} small letters, digits and single _, and no word of Python",
            param_hint="NAME",
        )
    if (cards_folder() / name).exists() or (into and (into / name).exists()):
        raise click.BadParameter(f"there is a folder named {name} already", param_hint="NAME")
    folder = (into or cards_folder()) / name
    for path, text in files(name).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        target.write_text(text, encoding="utf-8")
        target.chmod(0o644)
        click.echo(f"{target}")
    if into:
        click.echo(f"try it: CDS_CONTENT={into} cds-service check --only {name}")
    else:
        context.invoke(guide)
        click.echo(f"try it: cds-service check --only {name}")


def files(name: str) -> dict[str, str]:
    """The files of a new guideline folder: path within it -> text."""
    key = re.sub(r"_(\w)", lambda found: found[1].upper(), name) + "Advice"
    found = {"__init__.py": ""}
    for path in sorted(path for path in _TEMPLATES.rglob("*") if path.is_file()):
        within = path.relative_to(_TEMPLATES).as_posix().removesuffix(".txt")
        within = within.replace("one.csv", f"{name}_condition.csv")
        text = path.read_text(encoding="utf-8")
        found[within] = text.replace("EXAMPLE_NAME", name).replace("EXAMPLE_KEY", key)
    return found
