"""Train each network by each kind of recipe on a few images: FRAMEWORK -> JSON.

Prints {what was trained: the SHA-256 of its weights}, one framework a process.
"""

import json
import sys
from dataclasses import replace

import numpy as np

from helpers.models import weights
from helpers.training import recipes

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (1_200, 28, 28), np.uint8)
LABELS = RANDOM.integers(0, 10, len(IMAGES))
HELD_OUT = IMAGES[:50] / np.float32(255), LABELS[:50]
TRAININGS = (("mlp", "strong", 3), ("mlp", "strong", 4), ("mlp", "defaults", 3))
TRAININGS += (("cnn", "strong", 3), ("cnn", "defaults", 3))


def main(framework):
    if framework == "tensorflow":
        from helpers.training import keras_training as training
    else:
        from helpers.training import torch_training as training
    networks, found = training.networks, {}
    for architecture, recipe, seed in TRAININGS:
        defaults = recipe == recipes.DEFAULTS
        model = networks.build(architecture, seed, defaults=defaults)
        short = replace(recipes.strong(architecture), epochs=2)  # augmented
        training.train(
            model, IMAGES, LABELS, HELD_OUT, short, seed, lambda epoch: None, defaults=defaults
        )
        name = f"{architecture} {recipe} {seed}"
        found[name] = weights.sha256(networks.get_weights(model))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
