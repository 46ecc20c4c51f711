"""Train the tasks of one framework one after the other, as its notebook does: JSON in, JSON out."""

import json
import sys

from helpers.core import sweeps
from helpers.data import mnist
from helpers.models import weights
from helpers.training import runs
from helpers.training.recipes import Recipe


def main():
    tasks = json.load(sys.stdin)
    if tasks[0]["framework"] == "tensorflow":
        from helpers.training import keras_training as framework
    else:
        from helpers.training import torch_training as framework
    networks = framework.networks
    networks.use_threads(tasks[0]["threads"])
    dataset = mnist.load(tasks[0]["dataset"])
    train, validation = mnist.training_split(dataset)
    found = []
    for task in tasks:
        lab = Recipe(task["epochs"], task["batch_size"], task["learning_rate"])
        (plan,) = runs.plans([(task["architecture"], task["recipe"], 1, None)], lab, task["seed"])
        run = runs.run(framework, plan, dataset, train, validation)
        found.append(
            {
                "key": sweeps.key(task),
                "schema_version": 1,
                **{name: task[name] for name in (*sweeps.DECIDING, "dataset")},
                "status": "finished",
                "reason": "",
                "attempts": 1,
                "test_accuracy": run.test_accuracy,
                "validation_accuracy": run.validation_accuracy,
                "loss": run.history[-1].loss,
                "weights_sha256": weights.sha256(networks.get_weights(run.model)),
            }
        )
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
