"""The logic behind the notebooks, in nine rooms; README.md beside this file is their map."""

import os

# Everything is compared on the CPU; the frameworks read this when they are imported.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
