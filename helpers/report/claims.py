ACCURACY_2025 = {"tensorflow": 0.9714, "pytorch": 0.9739, "onnxruntime": 0.9739}
SECONDS_2025 = {"tensorflow": 1.36, "pytorch": 5.19, "onnxruntime": 0.045}
