"""Pages that show what students wrote: cleaned, and under a policy by which a browser runs and fetches nothing.

Feedback and formgrader render through nbconvert, whose markdown and HTML outputs pass unchanged. Here everything that
could carry markup goes through nh3's list of what is allowed, pictures have to be part of the page, and formulas are
MathML, so that a feedback page needs no script at all. Nothing that a notebook holds is trusted, the judge's own
reports included: they are simple enough to pass.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

import nh3
from jinja2 import pass_context
from latex2mathml.converter import convert_to_element
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h1",
    "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small",
    "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"style", "class", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "ol": {"start"},
}
STYLES = {
    "border-left", "color", "font-family", "font-size", "font-style", "font-weight", "margin", "margin-left",
    "margin-top", "max-width", "opacity", "padding-left", "text-align", "text-decoration", "unicode-bidi",
    "vertical-align", "white-space",
}  # fmt: skip
# Pygments' classes and the one that MathJax passes over; others could pass for the page's own buttons.
CLASSES = re.compile(r"highlight|[a-z]{1,2}\d?|tex2jax_ignore")
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")  # as an img, an SVG runs and fetches nothing
PICTURE = re.compile(rf"data:(?:{'|'.join(map(re.escape, PICTURES))});base64,[A-Za-z0-9+/=\s]*")
SHOWN_TEXTS = ("text/html", "text/markdown", "text/latex", "text/plain", "image/svg+xml")
MATHML = {
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
    "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose",
}  # fmt: skip
MATHML_ATTRIBUTE = re.compile(r"[a-z]+")
MATHML_VALUE = re.compile(r"[\w.#%+ -]*")
MAX_FORMULA = 2000


def clean(markup: str) -> str:
    """Return ``markup`` with nothing left that runs, fetches, moves about the page or pretends to be part of it."""
    return nh3.clean(
        markup,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        filter_style_properties=STYLES,
        url_schemes={"http", "https", "mailto", "data"},
        url_relative="deny",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if PICTURE.fullmatch(value) else None
    if name == "href":
        return value if value.lower().startswith(("http:", "https:", "mailto:")) else None
    if name == "class":
        return " ".join(each for each in value.split() if CLASSES.fullmatch(each)) or None
    return value


@pass_context
def clean_markdown(context: Any, source: str) -> str:
    """Jinja filter: markdown as safe HTML, formulas left to MathJax (formgrader's page loads it)."""
    return clean(_rendered(context, source, _Renderer))


@pass_context
def clean_markdown_with_formulas(context: Any, source: str) -> str:
    """Jinja filter: markdown as safe HTML with formulas as MathML."""
    formulas: list[str] = []

    class WithFormulas(_Renderer):
        def block_math(self, body: str) -> str:
            return self._keep(body, "block")

        def inline_math(self, body: str) -> str:
            return self._keep(body, "inline")

        def latex_environment(self, name: str, body: str) -> str:
            return self._keep(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")

        def _keep(self, body: str, display: str) -> str:
            formulas.append(formula(body, display))
            return _place(len(formulas) - 1)

    cleaned = clean(_rendered(context, source.translate(PLACES_TAKEN), WithFormulas))
    return re.sub(f"{OPEN}(\\d+){CLOSE}", lambda found: formulas[int(found[1])], cleaned)


OPEN, CLOSE = "\ue000", "\ue001"  # private characters mark where a formula goes; the source may not hold them
PLACES_TAKEN = {ord(OPEN): "\ufffd", ord(CLOSE): "\ufffd"}


def _place(number: int) -> str:
    return f"{OPEN}{number}{CLOSE}"


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, which no missing attachment stops."""

    def _embed_image_or_attachment(self, src: str) -> str:
        if src.startswith("attachment:") and src.removeprefix("attachment:") not in self.attachments:
            return ""
        return super()._embed_image_or_attachment(src)


def _rendered(context: Any, source: str, renderer: type[IPythonRenderer]) -> str:
    attachments = (context.get("cell") or {}).get("attachments") or {}
    return MarkdownWithMath(renderer(escape=False, exclude_anchor_links=True, attachments=attachments)).render(source)


@lru_cache(maxsize=4096)
def formula(latex: str, display: str = "inline") -> str:
    """Return a formula as MathML, or as its LaTeX source where it cannot be converted."""
    shown = f"<code>{html.escape(latex.strip())}</code>"
    if len(latex) > MAX_FORMULA:
        return shown
    # Two commands that the converter does not know.
    known = re.sub(r"\\arg(?![A-Za-z])", r"\\operatorname{arg}", re.sub(r"\\[lr]vert(?![A-Za-z])", "|", latex))
    try:
        tree = convert_to_element(known, display=display)
    except Exception:  # the converter raises whatever the broken part happens to raise
        return shown
    for element in tree.iter():
        text = html.unescape(element.text or "")  # the converter writes signs as entities, and large braces as commands
        element.text = text.removeprefix("\\") if text in (r"\{", r"\}") else text
    return ElementTree.tostring(tree, "unicode") if all(map(_is_plain_mathml, tree.iter())) else shown


def _is_plain_mathml(element: ElementTree.Element) -> bool:
    attributes = {name: value for name, value in element.attrib.items() if name != "xmlns"}
    plain = all(
        MATHML_ATTRIBUTE.fullmatch(name) and MATHML_VALUE.fullmatch(value) for name, value in attributes.items()
    )
    return element.tag in MATHML and plain and not {"href", "style", "class", "id"} & set(attributes)


class SafeOutputs(Preprocessor):
    """Leaves in a notebook's outputs and attachments only what can be shown without harm."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Clean one cell; its source is cleaned when it is rendered."""
        if cell.cell_type == "raw":
            cell.source = clean(cell.source)
        cell.attachments = {
            name: bundle
            for name, each in (cell.get("attachments") or {}).items()
            if (bundle := {kind: data for kind, data in each.items() if _is_picture(kind, data)})
        }
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data = _shown_data(output.data)
                output.metadata = {}
        return cell, resources


def _is_picture(kind: str, data: Any) -> bool:
    return kind in PICTURES and isinstance(data, str) and PICTURE.fullmatch(f"data:{kind};base64,{data}") is not None


def _shown_data(data: dict[str, Any]) -> dict[str, Any]:
    kept = {kind: text for kind, text in data.items() if kind in SHOWN_TEXTS and isinstance(text, str)}
    if "text/html" in kept:
        kept["text/html"] = clean(kept["text/html"])
    return kept | {kind: picture for kind, picture in data.items() if _is_picture(kind, picture)}


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback pages without a script, and with a policy that lets none run."""

    def from_notebook_node(self, nb: NotebookNode, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        """Render the page; the scripts removed are the template's own, which loads MathJax from another host."""
        page, resources = super().from_notebook_node(nb, resources, **kw)
        page = re.sub(r"<script\b.*?</script\s*>", "", page, flags=re.DOTALL | re.IGNORECASE)
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        head, found, rest = page.partition("<head>")
        if not found:
            raise ValueError("The feedback template has no head in which a policy could stand.")
        return f'{head}{found}\n{policy}\n<meta name="referrer" content="no-referrer">{rest}', resources
