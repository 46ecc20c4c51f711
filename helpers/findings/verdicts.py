"""Verdicts: a check is a statement, what it needs to be decided, and a rule.

Claims, goals and tasks are three lists of checks, decided here and shown by `report.tables.checks`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.results import Missing

CONFIRMED, REFUTED, EXPLAINED, NOT_TESTABLE = "confirmed", "refuted", "explained", "not testable"
REACHED, MISSED = "reached", "missed"
MET, NOT_MET = "met", "not met"

Verdict = tuple[str, str]  # one of these words, and the evidence


@dataclass(frozen=True)
class Check:
    """One statement that results decide.

    `rule` gives the verdict; each of `needs` raises Missing with the reason when there can be none.
    The rule may do so too. The verdict is then `otherwise`, and the reason its evidence.
    """

    id: str
    statement: str
    rule: Callable[[dict], Verdict]
    needs: tuple[Callable[[dict], None], ...] = ()
    otherwise: str = NOT_TESTABLE
    more: dict[str, object] = field(default_factory=dict)  # further fields of its row


def measured(*runtimes: str) -> Callable[[dict], None]:
    """Return what a check needs that compares these runtimes: a time of each."""

    def need(results: dict) -> None:
        there = {row["runtime"] for row in results["latency"] if row["main"]}
        missing = [RUNTIMES[name].title for name in runtimes if name not in there]
        if missing:
            words = f"{' and '.join(missing)} {'were' if len(missing) > 1 else 'was'}"
            raise Missing(f"{words} not measured")

    return need


def decide(checks: Sequence[Check], results: dict, noun: str) -> list[dict]:
    """Return {id, `noun`: the statement, verdict, evidence, ...} for every check."""
    rows = []
    for check in checks:
        try:
            for need in check.needs:
                need(results)
            verdict, evidence = check.rule(results)
        except Missing as missing:
            reason = str(missing)
            verdict, evidence = check.otherwise, f"{reason[0].upper()}{reason[1:]}."
        row = {"id": check.id, noun: check.statement, "verdict": verdict, "evidence": evidence}
        rows.append(row | check.more)
    return rows
