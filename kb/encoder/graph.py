"""The network as an ONNX graph: one text's embedded tokens in, the mean of its last hidden states out.

BERT (Devlin et al. 2019) with 12 layers of 384. It is not stored anywhere: it is put together from the weights when the
engine is loaded, a third of a second. Two sorts of product, chosen by measurement (docs/benchmarks.md):

- most matrices in 7 bits a column, activations in 8 bits (`DynamicQuantizeMatMul`): the fastest there is on a CPU. 7 and
  not 8, because two products of 8 bits overflow the 16 that processors without VNNI add them in;
- the matrix behind the activation (`fo`), whose inputs have outliers that would spoil those 8 bits, in the file's own
  blocks of 4 bits (`MatMulNBits`), where every 32 inputs have their own scale.

One text at a time: the scale of 8 bits is that of the whole input, so in a batch a text's vector would depend on its company.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from kb.encoder.weights import BLOCK, Weights, nibbles

INPUT, OUTPUT = "embedded", "mean"
_OPSET, _IR = 20, 10
_MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators
_TOP = 63  # of 7 bits
_BY_BLOCKS_OF_8_BITS = 4  # accuracy_level: activations in 8 bits, a scale for each block


class _Graph:
    """Nodes and constants, gathered one by one."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def floats(self, name: str) -> str:
        return self.constant(name, self.weights.floats(name))

    def node(self, operator: str, inputs: Sequence[str], domain: str = "", **attributes: Any) -> str:
        output = f"{operator}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def norm(self, values: str, name: str) -> str:
        inputs = [values, self.floats(f"{name}.w"), self.floats(f"{name}.b")]
        return self.node("LayerNormalization", inputs, axis=-1, epsilon=self.weights.epsilon)

    def product(self, values: str, name: str, inputs: int) -> str:
        """Times a matrix of 7 bits, plus its bias."""
        matrix = self.weights.matrix(f"{name}.w", inputs).T
        scale = np.maximum(np.abs(matrix).max(axis=0), np.finfo(np.float32).tiny) / _TOP
        packed = self.constant(f"{name}.w", np.round(matrix / scale).astype(np.int8))
        scales = self.constant(f"{name}.scale", scale.astype(np.float32))
        return self.node("DynamicQuantizeMatMul", [values, packed, scales, "", self.floats(f"{name}.b")], _MICROSOFT)

    def block_product(self, values: str, name: str, inputs: int) -> str:
        """Times a matrix in the file's own blocks, plus its bias."""
        blocks = self.weights.blocks(f"{name}.w", inputs)
        value = nibbles(blocks)
        packed = self.constant(f"{name}.w", value[..., 0::2] | (value[..., 1::2] << 4))
        scales = self.constant(f"{name}.scale", blocks["scale"].astype(np.float32))
        given = [values, packed, scales, "", "", self.floats(f"{name}.b")]
        sizes = {"K": inputs, "N": len(blocks), "bits": 4, "block_size": BLOCK, "accuracy_level": _BY_BLOCKS_OF_8_BITS}
        return self.node("MatMulNBits", given, _MICROSOFT, **sizes)

    def layer(self, values: str, name: str) -> str:
        """Attention and the two products around the activation, each added to what came in and normed."""
        width = self.weights.width
        query, key, value = (
            self.node(
                "Transpose", [self.node("Reshape", [self.product(values, f"{name}.{part}", width), "heads"])], perm=p
            )
            for part, p in (("q", [1, 0, 2]), ("k", [1, 2, 0]), ("v", [1, 0, 2]))
        )
        likeness = self.node("Mul", [self.node("MatMul", [query, key]), "sharpness"])
        seen = self.node("MatMul", [self.node("Softmax", [likeness], axis=-1), value])
        joined = self.node("Reshape", [self.node("Transpose", [seen], perm=[1, 0, 2]), "rows"])
        values = self.norm(self.node("Add", [values, self.product(joined, f"{name}.ao", width)]), f"{name}.aln")
        inner = self.node("Gelu", [self.product(values, f"{name}.fi", width)], _MICROSOFT)
        outer = self.block_product(inner, f"{name}.fo", self.weights.places[f"{name}.fi.b"].count)
        return self.norm(self.node("Add", [values, outer]), f"{name}.oln")


def graph_of(weights: Weights) -> ModelProto:
    """Input `embedded`, float32 (tokens, width); output `mean`, float32 (width,)."""
    graph = _Graph(weights)
    graph.constant("tokens", np.array([0], np.int64))
    *_, values = _states(graph)
    graph.nodes.append(helper.make_node("ReduceMean", [values, "tokens"], [OUTPUT], keepdims=0))
    return _model(graph, [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [weights.width])])


def states_graph_of(weights: Weights, after: Sequence[int]) -> ModelProto:
    """Input as of `graph_of`; an output for each of `after`, the hidden states after so many layers (0: none), float32
    (tokens, width)."""
    graph = _Graph(weights)
    values = list(_states(graph))
    made = [
        helper.make_tensor_value_info(values[count], TensorProto.FLOAT, ["count", weights.width]) for count in after
    ]
    return _model(graph, made)


def _states(graph: _Graph) -> Iterator[str]:
    """The hidden states before the first layer and after each."""
    width, heads = graph.weights.width, graph.weights.heads
    graph.constant("heads", np.array([0, heads, width // heads], np.int64))  # 0: as it is
    graph.constant("rows", np.array([0, width], np.int64))
    graph.constant("sharpness", np.array((width // heads) ** -0.5, np.float32))
    values = graph.norm(INPUT, "emb.ln")
    yield values
    for layer in range(graph.weights.layers):
        values = graph.layer(values, f"l{layer}")
        yield values


def _model(graph: _Graph, made: list[ValueInfoProto]) -> ModelProto:
    given = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["count", graph.weights.width])
    domains = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
    whole = helper.make_graph(graph.nodes, "e5", [given], made, graph.constants)
    return helper.make_model(whole, opset_imports=domains, ir_version=_IR)
