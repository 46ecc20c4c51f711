"""Trained models as files of other formats: TFLite and ONNX, the gate, the challenges of 2025.

For those who add a format or a precision. May import core, data, models and training.
"""
