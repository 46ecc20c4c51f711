"""Drive every fault of tests/faults/ and print the table: what is done, seen, and left."""

import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parents[1] / "faults"


class Rows:
    """Collects the rows while pytest drives them."""

    def __init__(self) -> None:
        self.table = Table("", "what is done", "exit code", "what the user sees", "what is left")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo):
        """Add a row for each fault that was driven."""
        report = yield
        fault = getattr(item, "callspec", None) and item.callspec.params.get("fault")
        if fault and (report.when == "call" or report.skipped):
            seen = dict(item.user_properties).get("seen", report.longreprtext.splitlines()[-1:])
            mark = {"passed": "[green]✓[/]", "skipped": "–"}.get(report.outcome, "[red]✗[/]")
            self.table.add_row(mark, fault.done, str(fault.code), str(seen), fault.left)
        return report


def main(words: list[str]) -> int:
    """Drive the faults, print the table and return 1 when a row is not as it says."""
    rows = Rows()
    code = pytest.main(["-q", "--no-header", "--tb=short", str(FOLDER), *words], plugins=[rows])
    Console().print(rows.table)
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
