"""People of a course, and how a notebook of one of them fails."""

from helpers.core.stages import NOTEBOOKS
from helpers.sweep.roster import Person

PEOPLE = [
    Person("Müller, Änne", "m1", "quick", [], {}),
    Person("Bo <b>Bold</b>", "m2", "quick", ["EPOCHS=2"], {"EPOCHS": 2}),
    Person("Chi", "m3", "quick", ["THREADS=2"], {"THREADS": 2}),
]
FAILURE = {
    "notebook": NOTEBOOKS[0],
    "line": "failed in cell 18 (Plan): LabError: <batch> size",
    "cell": "01-cell-18",
    "code": 2,
    "resume": NOTEBOOKS[0],
}
