"""The built-in model run by ONNX Runtime: weights → tokens, graph → encoder."""
