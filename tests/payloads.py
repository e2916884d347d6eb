"""What a student could write in the hope that a browser runs or fetches it, each under a name of its own."""

from __future__ import annotations

import base64

from tests.browser import CANARY

RAN = "document.title='script-ran'"


def run(name: str) -> str:
    """Return JavaScript that leaves a mark and asks for the canary called ``name``."""
    return f"{RAN};new Image().src='{CANARY}/{name}'"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{run("svg-onload")}"><script>{run("svg-script")}</script>' \
      f'<image href="{CANARY}/svg-image" width="9" height="9"/><foreignObject><img src="{CANARY}/svg-foreign"/>' \
      "</foreignObject></svg>"  # fmt: skip
MARKUP = {
    "script": f"<script>{run('script')}</script>",
    "script-src": f'<script src="{CANARY}/script-src"></script>',
    "module": f'<script type="module">import "{CANARY}/module"</script>',
    "onerror": f'<img src=x: onerror="{run("onerror")}">',
    "image": f'<img src="{CANARY}/image">',
    "srcset": f'<img srcset="{CANARY}/srcset 1x">',
    "picture": f'<picture><source srcset="{CANARY}/picture"><img></picture>',
    "svg": SVG,
    "video": f'<video autoplay src="{CANARY}/video" poster="{CANARY}/poster"></video>',
    "audio": f'<audio autoplay src="{CANARY}/audio"></audio>',
    "iframe": f'<iframe src="{CANARY}/iframe"></iframe>',
    "srcdoc": f'<iframe srcdoc="&lt;script&gt;parent.{RAN}&lt;/script&gt;&lt;img src={CANARY}/srcdoc&gt;"></iframe>',
    "object": f'<object data="{CANARY}/object"></object><embed src="{CANARY}/embed">',
    "style": f"<style>@import url({CANARY}/css-import); body {{ background: url({CANARY}/css-url) }}</style>",
    "inline-style": f'<p style="background:url({CANARY}/inline-style);list-style:url({CANARY}/list-style)">x</p>',
    "border": f'<p style="border-left:3px solid;border-image:url({CANARY}/border-image)">x</p>',
    "link": f'<link rel="stylesheet" href="{CANARY}/stylesheet"><link rel="prefetch" href="{CANARY}/prefetch">',
    "icon": f'<link rel="icon" href="{CANARY}/icon"><link rel="preload" as="image" href="{CANARY}/preload">',
    "base": f'<base href="{CANARY}/base/"><img src="relative">',
    "form": f'<form id=f action="{CANARY}/form"><input name=a autofocus onfocus="{run("onfocus")}"></form>',
    "details": f'<details open ontoggle="{run("ontoggle")}"><summary>x</summary></details>',
    "animation": f'<style>@keyframes k{{}}</style><b style="animation:k 1ms" '
                 f'onanimationstart="{run("animation")}">x</b>',
    "mutation": f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x: '
                f'onerror={run("mutation")}&gt;">',
    "noscript": f'<noscript><p title="</noscript><img src=x: onerror={run("noscript")}>"></noscript>',
    "template": f'<template><script>{run("template")}</script></template><xmp><img src={CANARY}/xmp></xmp>',
    "comment": f'<!--><img src="{CANARY}/comment">-->',
    "closes": f'</code></pre></div></body></html><img src="{CANARY}/closes"><script>{run("closes")}</script>',
    "input": f'<input type="image" src="{CANARY}/input"><body background="{CANARY}/body">',
}  # fmt: skip
REFRESH = f'<meta http-equiv="refresh" content="0;url={CANARY}/refresh">'
"""Alone: a page that leaves shows none of the others."""
MARKDOWN = {
    "picture": f"![x]({CANARY}/markdown-image)",
    "reference": f"![x][r]\n\n[r]: {CANARY}/markdown-reference",
    "mermaid": f"```mermaid\n<img src={CANARY}/mermaid>\n```",
    "code": f"```<img src={CANARY}/info>\nx\n```",
    "formula": rf"$\href{{javascript:{RAN}}}{{x}}$ $$\text{{<img src={CANARY}/formula>}}$$ "
               rf"\begin{{align}}\text{{<img src={CANARY}/align>}}\end{{align}}",
    "attachment": "![x](attachment:evil.png) ![x](attachment:absent.png)",
    "link": f"[x](javascript:{RAN}) <{CANARY}/autolink>",
}  # fmt: skip
OUTPUTS = {
    "text/html": f'<div>{MARKUP["script"]}<img src="{CANARY}/output-html"></div>',
    "text/markdown": f"![x]({CANARY}/output-markdown) {MARKUP['script']}",
    "image/svg+xml": SVG,
    "application/javascript": run("output-javascript"),
    "text/latex": f"$\\text{{x}}$ <img src='{CANARY}/output-latex'>",
    "image/png": f'"><img src="{CANARY}/output-png',
    "text/vnd.mermaid": f"<img src={CANARY}/output-mermaid>",
    "application/vnd.jupyter.widget-view+json": {"model_id": f"</script><img src={CANARY}/widget>"},
}
ATTACHMENTS = {"evil.png": {"image/svg+xml": _encoded(SVG), "text/html": _encoded(MARKUP["script"])},
               "other.png": {"image/png": f'x" onerror="{run("attachment")}'}}  # fmt: skip
ALL_MARKUP = "\n".join(MARKUP.values())
