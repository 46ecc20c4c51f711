"""Notebooks of any content, and the page made of them."""

import base64
import io
import json
from pathlib import Path

from bs4 import BeautifulSoup
from PIL import Image

from helpers.report import page


def picture(kind: str, colour: str = "red") -> bytes:
    """The bytes of a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(file, kind)
    return file.getvalue()


PNG = picture("png")
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    '<style>rect { fill: red; }</style><rect width="9" height="9" style="opacity: 1"/></svg>'
)


def text64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def prose(source: str, **more) -> dict:
    return {"cell_type": "markdown", "id": "a", "metadata": {}, "source": source, **more}


def code(*outputs: dict, **more) -> dict:
    blank = {"cell_type": "code", "id": "a", "metadata": {}, "source": "show()"}
    return {**blank, "execution_count": 1, "outputs": list(outputs), **more}


def output(data: dict, **metadata) -> dict:
    return code({"output_type": "display_data", "data": data, "metadata": metadata})


def html(text: str) -> dict:
    return output({"text/html": text, "text/plain": "<object>"})


def stream(text: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": text}


def write(file: Path, *cells, metadata: object = None) -> Path:
    """Write cells as they are, right or wrong, into a notebook."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata or {}, "cells": cells}
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


class Built:
    """The page of one appendix with these cells below its title: text, soup, log."""

    def __init__(self, folder: Path, *cells) -> None:
        self.file = folder / "report.html"
        notebook = write(folder / "notebooks" / "01_made_up.ipynb", prose("# Made up"), *cells)
        page.build(None, [notebook], self.file, title="Lab report", banners=[])
        self.text = self.file.read_text(encoding="utf-8")
        self.soup = BeautifulSoup(self.text, "html.parser")
        log = folder / "logs" / "page.log"
        self.log = log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    def cell(self, number: int = 2):
        """The part of the page that a cell became; the title is cell 1."""
        return self.soup.find(id=f"01-cell-{number}")
