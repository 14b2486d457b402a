"""Markdown as safe HTML: no raw HTML in, no scripts, frames or odd addresses out."""

import re
from collections.abc import Callable

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = MarkdownIt("js-default")  # GitHub's tables and strikethrough, no raw HTML
_COMMENT = re.compile(r"^<!--.*-->\n", re.MULTILINE)  # marks of generated parts
_TAGS = set(
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul".split()  # noqa: SIM905 - a line of words
)


def html(text: str, address: Callable[[str], str | None] = lambda link: link) -> Markup:
    """The text as HTML. What a record wrote into it stays text: the reader takes no HTML, and a sanitiser stands behind it.

    `address`: where a link leads from here; None makes it plain text.
    """
    written = _READER.render(_COMMENT.sub("", text))
    return Markup(  # noqa: S704 - cleaned right here
        nh3.clean(
            written,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"https", "http"},
            link_rel="noopener noreferrer",
            attribute_filter=lambda _tag, name, value: address(value) if name == "href" else value,
        )
    )
