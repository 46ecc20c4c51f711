"""Time an epoch of 60,000 images our way and the usual way, one framework a process."""

import importlib
import time

import numpy as np

from helpers.training.recipes import Recipe

IMAGES, BATCH_SIZE, EPOCHS, ROUNDS = 60_000, 128, 3, 7
random = np.random.default_rng(0)
# Mostly black, as digits are.
PIXELS = random.integers(0, 256, (IMAGES, 28, 28), np.uint8) * (
    random.random((IMAGES, 28, 28)) < 0.2
)
LABELS = random.integers(0, 10, IMAGES)
SCALED = PIXELS.astype(np.float32) / 255


def data_loader(models):
    import torch
    from PIL import Image
    from torchvision.transforms import ToTensor

    to_tensor, model = ToTensor(), models.build("mlp", 1)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    class Digits(torch.utils.data.Dataset):
        def __len__(self):
            return IMAGES

        def __getitem__(self, index):
            return to_tensor(Image.fromarray(PIXELS[index])), int(LABELS[index])

    def epoch():
        for image, label in torch.utils.data.DataLoader(Digits(), BATCH_SIZE, shuffle=True):
            loss = torch.nn.functional.cross_entropy(model(image), label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def fit(models):
    model = models.build("mlp", 1)
    loss = models.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss)
    model.fit(SCALED[:1280], LABELS[:1280], batch_size=BATCH_SIZE, verbose=0)  # trace it first
    return lambda: model.fit(SCALED, LABELS, batch_size=BATCH_SIZE, verbose=0)


def work(specification):
    """Return the ratios ours / usual of {framework}, keras or torch; the sides take turns."""
    name = specification["framework"]
    ours = importlib.import_module(f"helpers.training.{name}_training")
    usual = {"keras": fit, "torch": data_loader}[name](ours.models)
    few, ratios = (SCALED[:100], LABELS[:100]), []
    for _ in range(ROUNDS):
        own_s = []
        for epochs in (1, 1 + EPOCHS):  # the first epoch compiles
            recipe = Recipe(epochs, BATCH_SIZE, learning_rate=1e-3)
            model = ours.models.build("mlp", 1)
            own_s.append(ours.train(model, PIXELS, LABELS, few, recipe, 1)[-1])
        start = time.perf_counter()
        usual()
        ratios.append((own_s[1] - own_s[0]) / EPOCHS / (time.perf_counter() - start))
    return {"ratios": ratios}
