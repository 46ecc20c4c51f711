"""Time an epoch of 60,000 images our way and the usual way: FRAMEWORK ROUNDS [GOAL] -> JSON.

Beside both stand the matrix products of such an epoch in NumPy, the BLAS library alone. Run as a
process of its own, one framework a process; the sides take turns. bench.py asks for a fixed number
of rounds. test_speed.py gives a goal and stops at the round in which the shortest
times of both meet it: what else the machine does only adds time, and more to the side with more
threads.
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


def blas():
    """Return an epoch of the mlp's matrix products: forward, and backward to both kernels."""
    images = SCALED[:BATCH_SIZE].reshape(BATCH_SIZE, -1)
    hidden, logits = (np.ones((BATCH_SIZE, width), np.float32) for width in (128, 10))
    kernels = [np.ones(shape, np.float32) for shape in ((images.shape[1], 128), (128, 10))]
    gradients = [np.empty_like(kernel) for kernel in kernels]
    products = (
        (images, kernels[0], np.empty_like(hidden)),
        (hidden, kernels[1], np.empty_like(logits)),
        (hidden.T, logits, gradients[1]),
        (logits, kernels[1].T, np.empty_like(hidden)),
        (images.T, hidden, gradients[0]),
    )

    def epoch():
        for _ in range(IMAGES // BATCH_SIZE):
            for left, right, out in products:
                np.matmul(left, right, out)

    return epoch


def main(name, rounds, goal=0.0):
    framework, usual = {"pytorch": pytorch, "tensorflow": tensorflow}[name]()
    others = {"usual_s": usual, "blas_s": blas()}
    seconds = {"ours_s": [], **{key: [] for key in others}}
    for _ in range(rounds):
        few = (SCALED[:100], LABELS[:100])
        model = framework.networks.build("mlp", 1)
        history = framework.train(model, PIXELS, LABELS, few, RECIPE, 1, lambda epoch: None)
        seconds["ours_s"].append(history[-1].seconds)  # not the first, which compiles
        for key, epoch in others.items():
            start = time.perf_counter()
            epoch()
            seconds[key].append(time.perf_counter() - start)
        if min(seconds["ours_s"]) / min(seconds["usual_s"]) <= goal:
            break
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *map(float, sys.argv[3:]))
