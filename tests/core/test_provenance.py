import importlib.metadata

from helpers.core import provenance


def test_the_machine_and_its_packages():
    described = provenance.describe(2)
    assert described["cores"] >= 1
    assert described["threads"] == 2
    assert described["memory_bytes"] > 1e9
    assert described["cpu"]
    assert provenance.versions()["torch"] == importlib.metadata.version("torch")
    assert 20e6 < provenance.peak_rss_bytes() < 20e9


def test_an_installed_size_includes_what_is_required():
    assert provenance.install_bytes("pandas") > provenance.install_bytes("numpy") > 10e6


def test_the_source_is_that_of_every_room():
    whole = provenance.source_sha256()
    assert whole == provenance.source_sha256()
    assert whole != provenance.code_sha256("notebooks/*.ipynb", "helpers/*/*.py")
