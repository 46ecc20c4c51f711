"""The list of seeded defects, kept fit to be applied."""

import ast
import functools

import pytest
from mutations import MUTATIONS

from helpers.core.artifacts import PROJECT


@functools.cache
def functions(file: str) -> set[str]:
    tree = ast.parse((PROJECT / "tests" / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.defect)
def test_a_defect_applies_is_code_and_names_a_test_that_is_there(mutation):
    text = (PROJECT / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1
    if mutation.file.endswith(".py"):
        compile(text.replace(mutation.old, mutation.new), mutation.file, "exec")
    file, _, name = mutation.test.partition("::")
    assert name in functions(file)


def test_every_defect_is_another_one():
    assert len({mutation.defect for mutation in MUTATIONS}) == len(MUTATIONS)
    assert len({(m.file, m.old, m.new) for m in MUTATIONS}) == len(MUTATIONS) > 90
