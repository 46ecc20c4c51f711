"""Faults in what a user sets: parameters, profiles, lab.yaml, notebooks, where results go."""

import os
import re
import shlex
import subprocess
from pathlib import Path

from changes import replace_once
from faults import Fault, Place

from helpers.core.artifacts import PROJECT

LAB = "notebooks/parameters/lab.yaml"
QUICK = "notebooks/parameters/quick.yaml"
FIRST = "notebooks/01_tensorflow_tflite.ipynb"
# Folders with what a shell or make takes for its own.
ODD = "a folder/with spaces, $HOME $$ 'quotes\" and #5"

# One epoch in Keras, which takes no whole number as a learning rate.
TRAINS = """
import numpy as np
from helpers.models import keras_networks
from helpers.pipeline import parameters
from helpers.training import keras_training, recipes

rate = parameters.from_command_line(["LEARNING_RATE=1"])["LEARNING_RATE"]
images, labels = np.zeros((128, 28, 28), np.uint8), np.arange(128) % 10
network, held_out = keras_networks.build("mlp", 1), (images.astype(np.float32), labels)
keras_training.train(network, images, labels, held_out, recipes.Recipe(1, 64, rate), 1)
"""

# As notebook 05 does, which writes the line into results.json.
GATHERS = """
from helpers.findings import beside
print(beside.gather({"run": {"dataset": {}, "packages": {}}}, "auto")["beside_left_out"])
"""


def make(place: Place, *words: str, **options) -> subprocess.CompletedProcess:
    """Run what `make report` with these words runs after its set-up."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("M")}
    shown = subprocess.run(
        ["make", "--dry-run", "report", *words],
        cwd=PROJECT,
        env=own,  # without MAKEFLAGS of a make that runs the tests
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in shown.stdout.splitlines() if "-m helpers.pipeline" in line)
    asked = shlex.split(line)  # as the shell does
    return place.chain(*asked[asked.index("helpers.pipeline") + 1 :], **options)


def changed(place: Place, file: str, old: str, new: str) -> subprocess.CompletedProcess:
    """Run the pipeline of a copy in which `file` has `new` in the place of `old`."""
    project = place.copy()
    replace_once(project / file, old, new)
    return place.chain("DATASET=sample", "--profile", "quick", project=project)


def written(place: Place, file: str, content: bytes) -> subprocess.CompletedProcess:
    """Run the pipeline of a copy in which `file` has this content."""
    project = place.copy()
    (project / file).write_bytes(content)
    return place.chain("DATASET=sample", project=project)


def odd_folder(place: Place, setting: str) -> subprocess.CompletedProcess:
    """Set something through make to a folder with an odd name and a file that is no MNIST."""
    folder = place.folder / ODD
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte").write_bytes(b"rubbish")
    elsewhere = {"KERAS_HOME": str(place.folder), "MNIST_MIRROR": "http://127.0.0.1:9/"}
    return make(place, f"{setting}={folder}", project=place.copy(), **elsewhere)


def into(place: Place, artifacts: Path | str) -> subprocess.CompletedProcess:
    """Run the pipeline into this folder."""
    place.folder.joinpath("file").touch()
    return place.chain("DATASET=sample", LAB_ARTIFACTS=str(artifacts))


def older(place: Place, content: str) -> subprocess.CompletedProcess:
    """Gather what is there of another run, whose results hold this."""
    file = place.artifacts / "2025" / "results.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    return place.python(GATHERS)


def untouched(place: Place) -> bool:
    """Tell whether the other run's results are the only file."""
    return [file.name for file in place.artifacts.rglob("*.*")] == ["results.json"]


FAULTS = [
    Fault(
        "EPOCHS=0",
        lambda place: place.chain("EPOCHS=0"),
        r"^error: EPOCHS=0: allowed is a whole number from 1 to 1000",
    ),
    Fault(
        "make report BESIDE=nowhere",
        lambda place: make(place, "BESIDE=nowhere"),
        r"^error: BESIDE='nowhere': allowed is auto, none, or the results.json of another run or",
    ),
    Fault(
        "a run of an earlier version in artifacts/2025",
        lambda place: older(place, '{"schema_version": 3}'),
        r"^2025/results.json is not compared with this run: results.json has schema_version 3, all",
        code=0,
        left="the file as it was",
        holds=untouched,
    ),
    Fault(
        "artifacts/2025/results.json is damaged",
        lambda place: older(place, '{"schema_version": 5'),
        r"^2025/results.json is not compared with this run: make the report again: results.json c",
        code=0,
        left="the file as it was",
        holds=untouched,
    ),
    Fault(
        "a parameter that does not exist: EPOCH=3",
        lambda place: place.chain("EPOCH=3"),
        r"^error: EPOCH is not a parameter \(did you mean EPOCHS\?\); allowed are PROFILE, FROM",
    ),
    Fault(
        "LEARNING_RATE=1, which is allowed",
        lambda place: place.python(TRAINS),
        r"epoch  1  loss \d",
        code=0,
        left="a log",
        holds=lambda place: [path.name for path in place.artifacts.iterdir()] == ["logs"],
        real=True,
    ),
    Fault(
        "make report epochs=5",
        lambda place: make(place, "epochs=5"),
        r"^error: epochs is not a parameter \(did you mean EPOCHS\?\)",
    ),
    Fault(
        "make report MNIST_DIRR=x",
        lambda place: make(place, "MNIST_DIRR=x"),
        r"^error: MNIST_DIRR is not a parameter \(did you mean MNIST_DIR\?\)",
    ),
    Fault(
        "make report FROM=6",
        lambda place: make(place, "FROM=6"),
        r"^error: argument --from: invalid choice: '6' \(choose from .*05",
    ),
    Fault(
        "a parameter in the environment: EPOCHS=3 make report",
        lambda place: place.chain(EPOCHS="3"),
        r"^error: EPOCHS=3 stands in the environment, .* write it behind: make report EPOCHS=3",
    ),
    Fault(
        "make report DATASET=… with blanks, $, quotes and #",
        lambda place: odd_folder(place, "DATASET"),
        r"^error: DATASET=.*/" + re.escape(ODD),
    ),
    Fault(
        "make report MNIST_DIR=… with blanks, $, quotes and #",
        lambda place: odd_folder(place, "MNIST_DIR"),
        r"^error: no usable MNIST: MNIST_DIR.*train-images-idx3-ubyte",
    ),
    Fault(
        "lab.yaml: instructer: Prof. X",
        lambda place: changed(place, LAB, "instructor:", "instructer:"),
        r"^error: lab.yaml, line \d: instructer is not a key \(did you mean instructor\?\); "
        r"allowed are title, author, student_id, course, instructor, date",
    ),
    Fault(
        "lab.yaml: course: Lab: the third",
        lambda place: changed(place, LAB, "course: ", "course: Lab: "),
        r"^error: lab.yaml, line \d: mapping values are not allowed here; write NAME: value.*date",
    ),
    Fault(
        "lab.yaml is not UTF-8",
        lambda place: written(place, LAB, "author: Jörg".encode("latin-1")),
        r"^error: lab.yaml cannot be read: .*utf-8",
    ),
    Fault(
        "a profile with a parameter in small letters",
        lambda place: changed(place, QUICK, "EPOCHS: 1", "epochs: 1"),
        r"^error: quick.yaml, line \d: epochs is not a key \(did you mean EPOCHS\?\)",
    ),
    Fault(
        "notebook 01 lost the tag of its parameters cell",
        lambda place: changed(place, FIRST, '"parameters"\n', '"other"\n'),
        r"^error: 01_tensorflow_tflite.ipynb does not set DATASET, TRAIN_IMAGES, .* tagged `param",
    ),
    Fault(
        "notebook 01 is no JSON",
        lambda place: written(place, FIRST, b'{"cells": ['),
        r"^error: 01_tensorflow_tflite.ipynb is no notebook: ",
    ),
    Fault(
        "LAB_ARTIFACTS is a file",
        lambda place: into(place, place.folder / "file"),
        r"^error: cannot write into .*/file: it is a file; set LAB_ARTIFACTS to a folder",
    ),
    Fault(
        "LAB_ARTIFACTS where nothing can be made",
        lambda place: into(place, "/dev/null/artifacts" if os.name == "posix" else "NUL:/a"),
        r"^error: cannot write into .*; set LAB_ARTIFACTS to a folder",
    ),
]
