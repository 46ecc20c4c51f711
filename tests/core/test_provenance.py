import importlib.metadata

import pytest

from helpers.core import provenance


def test_the_machine_and_its_packages():
    described = provenance.describe(2)
    assert described["cores"] >= 1
    assert described["threads"] == 2
    assert described["memory_bytes"] > 1e9
    assert described["cpu"]
    assert provenance.versions()["torch"] == importlib.metadata.version("torch")
    assert 20e6 < provenance.peak_rss_bytes() < 20e9


def test_a_package_that_is_not_installed_has_no_version_and_no_size(monkeypatch):
    monkeypatch.setattr(provenance, "PACKAGES", ("torch", "no-such-package"))
    assert set(provenance.versions()) == {"torch"}
    assert provenance.install_bytes("no-such-package") == 0


def test_an_installed_size_includes_what_is_required():
    assert provenance.install_bytes("pandas") > provenance.install_bytes("numpy") > 10e6


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("notebooks/01.ipynb", True),
        ("helpers/__init__.py", True),
        ("helpers/core/results.schema.json", True),
        ("helpers/report/template/style.css", True),
        ("helpers/README.md", False),
        ("notebooks/parameters/quick.yaml", False),
    ],
)
def test_the_source_is_the_notebooks_and_every_room(tmp_path, monkeypatch, file, counts):
    monkeypatch.setattr(provenance, "PROJECT", tmp_path)
    before = provenance.source_sha256()
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("x")
    assert (provenance.source_sha256() != before) is counts
