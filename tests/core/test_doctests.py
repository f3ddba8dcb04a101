"""Every worked number in a docstring of core is computed again."""

import doctest
import importlib
import pkgutil

import pytest

import core

MODULES = sorted(found.name for found in pkgutil.walk_packages(core.__path__, "core."))
#: Every module of formulas works an example; the package itself has none.
FORMULAS = [name for name in MODULES if name.startswith("core.stats.")]


def examples(name: str) -> list[doctest.DocTest]:
    return doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name), name)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str):
    report: list[str] = []
    runner = doctest.DocTestRunner()
    for test in examples(name):
        runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_module_of_formulas_works_an_example(name: str):
    assert sum(len(test.examples) for test in examples(name)) > 0


def test_examples_are_found_at_all():
    assert len(FORMULAS) >= 3
    assert sum(len(test.examples) for name in MODULES for test in examples(name)) > 50
