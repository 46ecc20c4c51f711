"""Verdicts: a check is a claim, what it needs to be decided, and a rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpers.benchmark.runtimes import RUNTIMES
from helpers.core.console import LabError
from helpers.core.old_results import Missing

CONFIRMED, REFUTED, EXPLAINED = "confirmed", "refuted", "explained"
# An interval holds both answers; it was true with the versions of then; what is found here is
# another, and nothing here says why; something that the check needs is not there.
UNDECIDED, NO_LONGER_TRUE, NOT_REPRODUCED = "undecided", "no longer true", "not reproduced"
NOT_TESTABLE = "not testable"

Verdict = tuple[str, str]  # one of these words, and the evidence


@dataclass(frozen=True)
class Check:
    """One claim that results decide.

    `rule` gives the verdict; each of `needs` raises Missing with the reason when there can be none.
    The claim is then not testable, and the reason its evidence. The rule may raise Missing too, or
    Undecided.
    """

    id: str
    claim: str
    source: str  # where in the report of 2025 it stands
    rule: Callable[[dict], Verdict]
    needs: tuple[Callable[[dict], None], ...] = ()


class Undecided(LabError):
    """Too little was measured to decide a check, though all that it needs is there."""


def side(interval: Sequence[float], low: float, high: float) -> str | None:
    """Return where an interval lies: "inside" the margins `low` and `high`, "below" or "above".

    None where it holds both answers.
    """
    if low <= interval[0] and interval[1] <= high:
        return "inside"
    if interval[1] < low:
        return "below"
    return "above" if interval[0] > high else None


def measured(*runtimes: str) -> Callable[[dict], None]:
    """Return what a check needs that compares these runtimes: a time of each."""

    def need(results: dict) -> None:
        there = {row["runtime"] for row in results["latency"] if row["main"]}
        missing = [RUNTIMES[name].title for name in runtimes if name not in there]
        if missing:
            words = f"{' and '.join(missing)} {'were' if len(missing) > 1 else 'was'}"
            raise Missing(f"{words} not measured")

    return need


def decide(checks: Sequence[Check], results: dict) -> list[dict]:
    """Return {id, claim, source, verdict, evidence} for every check."""
    rows = []
    for check in checks:
        try:
            for need in check.needs:
                need(results)
            verdict, evidence = check.rule(results)
        except (Missing, Undecided) as error:
            verdict = NOT_TESTABLE if isinstance(error, Missing) else UNDECIDED
            reason = str(error)
            evidence = f"{reason[0].upper()}{reason[1:]}."
        said = {"id": check.id, "claim": check.claim, "source": check.source}
        rows.append({**said, "verdict": verdict, "evidence": evidence})
    return rows
