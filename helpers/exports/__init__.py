"""Trained networks as files of other formats: TFLite and ONNX, and the gate.

For those who add a format or a precision. May import core, data, models and training.
"""
