"""Check before any training that both frameworks define the same networks with ten logits."""

from types import ModuleType

import numpy as np

from helpers.core import process
from helpers.core.console import LabError
from helpers.models import weights

MODULE = "helpers.models.architectures"
# The file that defines the networks of a framework.
FILES = {"tensorflow": "keras_networks.py", "pytorch": "torch_networks.py"}
CLASSES = 10


def of_other(own: str, names: list[str], *, threads: int) -> list[dict]:
    """Return what a fresh process says of the networks `names` in the framework that is not `own`.

    That is what `describe` returns of each.
    """
    (other,) = FILES.keys() - {own}
    given = {"framework": other, "names": names}
    record = process.run(MODULE, given, threads=threads, without=process.NOT_NEEDED)
    return record["networks"]


def check(networks: ModuleType, names: list[str], other: list[dict]) -> None:
    """Compare the networks `names` of `networks` with the other framework's, as `of_other` told.

    `networks` is keras_networks or torch_networks. Raises LabError when one has no such network,
    when its output is not ten logits, and when the weights of the two differ in shape.
    """
    own = networks.FRAMEWORK
    (name_of_other,) = FILES.keys() - {own}
    found = {own: [describe(networks, name) for name in names], name_of_other: other}
    for described in zip(*found.values(), strict=True):
        for each in described:
            if "fault" in each:
                raise LabError(each["fault"])
        shapes = [each["shapes"] for each in described]
        if shapes[0] != shapes[1]:
            words = " and ".join(
                f"{', '.join(shape)} in {FILES[name]}"
                for name, shape in zip(found, shapes, strict=True)
            )
            raise LabError(
                f"{described[0]['name']} has weights {words}; give it the same layers in both"
            )


def describe(networks: ModuleType, name: str) -> dict:
    """Return {name, shapes} of a network, the shapes in the order of its layers, or {fault}."""
    file = FILES[networks.FRAMEWORK]
    if name not in networks.ARCHITECTURES:
        known = ", ".join(networks.ARCHITECTURES)
        return {"fault": f"{name} is no network of helpers/models/{file}, which has {known}"}
    images = np.random.default_rng(0).random((3, 28, 28), np.float32)
    try:
        model = networks.build(name, seed=0)
        logits = networks.predict_logits(model, images)
    except LabError as error:
        return {"fault": f"{error} (in {file})"}
    if logits.shape != (3, CLASSES):
        return {
            "fault": f"{name} gives logits of shape {logits.shape} for 3 images in {file}; "
            f"allowed is (3, {CLASSES}), one logit a class"
        }
    if (logits >= 0).all() and np.allclose(logits.sum(axis=1), 1, atol=1e-5):
        return {
            "fault": f"{name} gives probabilities in {file}; leave the softmax out, the loss and "
            "the exports take logits"
        }
    shapes = weights.shapes(networks.get_weights(model)).values()
    return {"name": name, "shapes": [" x ".join(map(str, shape)) for shape in shapes]}


def work(specification: dict) -> dict:
    """Describe the networks of the framework that `specification` names."""
    if specification["framework"] == "tensorflow":
        from helpers.models import keras_networks as networks
    else:
        from helpers.models import torch_networks as networks
    return {"networks": [describe(networks, name) for name in specification["names"]]}
