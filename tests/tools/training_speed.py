"""Time an epoch of 60,000 images our way and the usual way: FRAMEWORK ROUNDS -> JSON.

Run as a process of its own, one framework a process; the sides take turns.
"""

import json
import sys
import time

import numpy as np

from helpers.training.recipes import Recipe

IMAGES, BATCH_SIZE, EPOCHS = 60_000, 128, 3
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

    from helpers.training import torch_training

    to_tensor = ToTensor()

    class Digits(torch.utils.data.Dataset):
        def __len__(self):
            return IMAGES

        def __getitem__(self, index):
            return to_tensor(Image.fromarray(PIXELS[index])), int(LABELS[index])

    model = torch_training.models.build("mlp", 1)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def usual():
        for image, label in torch.utils.data.DataLoader(Digits(), BATCH_SIZE, shuffle=True):
            loss = torch.nn.functional.cross_entropy(model(image), label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return torch_training, usual


def tensorflow():
    from helpers.training import keras_training

    model = keras_training.models.build("mlp", 1)
    loss = keras_training.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss)
    model.fit(SCALED[:1280], LABELS[:1280], batch_size=BATCH_SIZE, verbose=0)  # trace it first
    return keras_training, lambda: model.fit(SCALED, LABELS, batch_size=BATCH_SIZE, verbose=0)


def trained_s(framework, epochs):
    """Return the seconds of a training of so many epochs."""
    model = framework.models.build("mlp", 1)
    few = SCALED[:100], LABELS[:100]
    recipe = Recipe(epochs, BATCH_SIZE, learning_rate=1e-3)
    return framework.train(model, PIXELS, LABELS, few, recipe, 1)[-1]


def main(name, rounds):
    framework, usual = {"pytorch": pytorch, "tensorflow": tensorflow}[name]()
    seconds = {"ours_s": [], "usual_s": []}
    for _ in range(rounds):
        first_s = trained_s(framework, 1)  # the first epoch compiles
        seconds["ours_s"].append((trained_s(framework, 1 + EPOCHS) - first_s) / EPOCHS)
        start = time.perf_counter()
        usual()
        seconds["usual_s"].append(time.perf_counter() - start)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
