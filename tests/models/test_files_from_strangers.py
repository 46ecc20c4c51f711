"""What PyTorch would run of a file, and that the project does not: a payload makes a file here."""

import contextlib
import json
import pickle
import zipfile

import numpy as np
import pytest
import strangers

from helpers.core import stack
from helpers.core.console import LabError

pytestmark = pytest.mark.real

PROGRAM = "archive/models/model.json"


@pytest.fixture
def networks(run_folder):
    from helpers.models import torch_networks

    return torch_networks


def altered(entries, name, key, value):
    """Set a key of every object that has it in one of the entries, which is JSON."""

    def hook(found):
        return found | {key: value} if key in found else found

    entries[name] = json.dumps(json.loads(entries[name], object_hook=hook)).encode()


def inputs(entries, mark):
    entries["archive/data/sample_inputs/model.pt"] = pickle.dumps(strangers.Payload(mark))


def weight(entries, mark):
    altered(entries, "archive/data/weights/model_weights_config.json", "use_pickle", True)
    entries["archive/data/weights/weight_0"] = pickle.dumps(strangers.Payload(mark))


def constant(entries, mark):
    name = "archive/data/constants/model_constants_config.json"
    held = {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True, "tensor_meta": None}
    entries[name] = json.dumps({"config": {"x": held}}).encode()
    entries["archive/data/constants/opaque_obj_0"] = pickle.dumps(strangers.Payload(mark))


def size(entries, mark):
    altered(entries, PROGRAM, "expr_str", f"open({str(mark)!r}, 'w').fileno()")


def guard(entries, mark):
    altered(entries, PROGRAM, "guards_code", [f"open({str(mark)!r}, 'w')"])


def function(entries, mark):
    altered(entries, PROGRAM, "target", "torch.os.system")


# Those that PyTorch 2.13 runs when it loads the archive, and those that it would later.
AT_ONCE, LATER = (inputs, weight, constant, size), (guard, function)


programs = pytest.mark.skipif(not stack.programs(), reason="this PyTorch writes another archive")


@programs
@pytest.mark.parametrize("payload", [*AT_ONCE, *LATER])
def test_a_program_with_a_payload_is_not_read(networks, tmp_path, payload):
    from helpers.exports import torch_export

    file, mark = tmp_path / "mlp.pt2", strangers.mark(tmp_path)
    torch_export.export_program(networks.build("mlp", 1), file)
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    payload(entries, mark)
    strangers.archive(file, entries)
    if payload in AT_ONCE:
        with contextlib.suppress(Exception):
            networks.torch.export.load(file)
        assert mark.exists()
        mark.unlink()
    with pytest.raises(LabError, match="^mlp.pt2 is not read: it is no archive of a network alone"):
        networks.load_program(file)
    assert not mark.exists()


@programs
@pytest.mark.parametrize("architecture", ["mlp", "cnn"])
def test_a_program_is_read_with_its_card(networks, tmp_path, images, architecture):
    from helpers.exports import model_card, torch_export

    file, model = tmp_path / "net.pt2", networks.build(architecture, 1)
    torch_export.export_program(model, file)
    model_card.write(file, {"input_layout": "N,1,28,28"})
    logits = networks.load_program(file)(networks.to_nchw(images)).detach().numpy()
    np.testing.assert_allclose(logits, networks.predict_logits(model, images), atol=1e-5)


@pytest.mark.parametrize("make", [strangers.checkpoint, strangers.old_checkpoint])
def test_a_checkpoint_with_a_payload_is_not_read(networks, tmp_path, make):
    file = make(tmp_path)
    with contextlib.suppress(Exception):
        networks.torch.load(file, weights_only=False)
    assert strangers.mark(tmp_path).exists()
    strangers.mark(tmp_path).unlink()
    with pytest.raises(LabError, match="^mlp-x.pt is not read: it is no checkpoint of weights al"):
        networks.load(file)
    assert not strangers.mark(tmp_path).exists()
