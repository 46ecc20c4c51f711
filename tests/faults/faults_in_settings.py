"""Faults in what a user sets: parameters, profiles, lab.yaml."""

from faults import Fault

FAULTS = [
    Fault(
        "EPOCHS=0",
        lambda place: place.chain("EPOCHS=0"),
        r"^error: EPOCHS=0: allowed is a whole number from 1 to 1000",
    ),
    Fault(
        "a parameter that does not exist: EPOCH=3",
        lambda place: place.chain("EPOCH=3"),
        r"error: EPOCH is not a parameter; allowed are DATASET, TRAIN_IMAGES",
    ),
]
