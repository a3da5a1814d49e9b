"""Collects nodes and constants of an ONNX graph in forward order, and writes it the same way every time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

# The oldest that know every operator in the form used here, so that older runtimes load the file too.
OPSET = 17
IR_VERSION = 8


class GraphWriter:
    """A graph being built; a value has the name of the node that gives it."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: "np.ndarray[Any, Any]") -> str:
        """Add a constant and return its name."""
        # Not ascontiguousarray: it makes a vector of a scalar.
        self._constants.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def node(self, operator: str, name: str, *inputs: str, **attributes: float | Sequence[int]) -> str:
        """Add a node with one output and return its name, which is the output's."""
        node = helper.make_node(operator, list(inputs), [name], name)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self._nodes.append(node)
        return name

    def model(self, name: str, taken: onnx.ValueInfoProto, given: onnx.ValueInfoProto) -> onnx.ModelProto:
        """Return the checked model with one input and one output."""
        model = helper.make_model(
            helper.make_graph(self._nodes, name, [taken], [given], self._constants),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="edge",
        )
        onnx.checker.check_model(model, full_check=True)
        return model
