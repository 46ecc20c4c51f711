"""Time an epoch of 60,000 images our way and the usual way: FRAMEWORK ROUNDS -> JSON.

Run as a process of its own, one framework a process; the sides take turns.
"""

import json
import sys
import time

import numpy as np

from helpers.training.recipes import Recipe

IMAGES, BATCH_SIZE = 60_000, 128
RECIPE = Recipe(epochs=2, batch_size=BATCH_SIZE, learning_rate=1e-3)
random = np.random.default_rng(0)
# Mostly black, as digits are.
PIXELS = random.integers(0, 256, (IMAGES, 28, 28), np.uint8) * (
    random.random((IMAGES, 28, 28)) < 0.2
)
LABELS = random.integers(0, 10, IMAGES)
SCALED = PIXELS.astype(np.float32) / 255


def pytorch():
    import torch
    from PIL import Image
    from torchvision.transforms import ToTensor

    from helpers.models import torch_networks
    from helpers.training import torch_training

    to_tensor = ToTensor()

    class Digits(torch.utils.data.Dataset):
        def __len__(self):
            return IMAGES

        def __getitem__(self, index):
            return to_tensor(Image.fromarray(PIXELS[index])), int(LABELS[index])

    model = torch_networks.build("mlp", 1)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def usual():
        for image, label in torch.utils.data.DataLoader(Digits(), BATCH_SIZE, shuffle=True):
            loss = torch.nn.functional.cross_entropy(model(image), label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return torch_training, usual


def tensorflow():
    from helpers.models import keras_networks
    from helpers.training import keras_training

    keras = keras_networks.keras
    model = keras_networks.build("mlp", 1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss)
    model.fit(SCALED[:1280], LABELS[:1280], batch_size=BATCH_SIZE, verbose=0)  # trace it first
    return keras_training, lambda: model.fit(SCALED, LABELS, batch_size=BATCH_SIZE, verbose=0)


def main(name, rounds):
    framework, usual = {"pytorch": pytorch, "tensorflow": tensorflow}[name]()
    seconds = {"ours_s": [], "usual_s": []}
    for _ in range(rounds):
        few = (SCALED[:100], LABELS[:100])
        model = framework.networks.build("mlp", 1)
        history = framework.train(model, PIXELS, LABELS, few, RECIPE, 1, lambda epoch: None)
        seconds["ours_s"].append(history[-1].seconds)  # not the first, which compiles
        start = time.perf_counter()
        usual()
        seconds["usual_s"].append(time.perf_counter() - start)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
