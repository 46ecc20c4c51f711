"""What PyTorch would run of a checkpoint, and that the project does not: a payload makes a file."""

import contextlib

import pytest
import strangers

from helpers.core.console import LabError


@pytest.mark.parametrize("make", [strangers.checkpoint, strangers.old_checkpoint])
def test_a_checkpoint_with_a_payload_is_not_read(tmp_path, make):
    from helpers.models import torch_networks as networks

    file = make(tmp_path)
    with contextlib.suppress(Exception):
        networks.torch.load(file, weights_only=False)
    assert strangers.mark(tmp_path).exists()
    strangers.mark(tmp_path).unlink()
    with pytest.raises(LabError, match="^mlp-x.pt is not read: it is no checkpoint of weights al"):
        networks.load(file)
    assert not strangers.mark(tmp_path).exists()


def test_a_checkpoint_that_names_no_network_is_refused(tmp_path):
    from helpers.models import torch_networks as networks

    networks.save(networks.build("mlp", 1), tmp_path / "best.pt")
    with pytest.raises(LabError, match=r"^best.pt: its name begins with none of the networks mlp"):
        networks.load(tmp_path / "best.pt")
    networks.save(networks.build("mlp", 1), tmp_path / "mlp-mine.pt")
    assert networks.load(tmp_path / "mlp-mine.pt").hidden.out_features == 128
