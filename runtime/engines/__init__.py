"""TensorRT engines: built of a bundle's graphs on the device, kept in the user's cache, loaded.

Needs TensorRT and CuPy, neither torch nor onnx. `workshop` is the way in.
"""
