"""Has ONNX's own checker look at files, all shapes inferred: python check_onnx.py FILE.onnx…"""

import sys

import onnx

for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    known = {value.name for value in inferred.graph.value_info} | {value.name for value in inferred.graph.output}
    missing = [name for node in model.graph.node for name in node.output if name not in known]
    assert not missing, f"{path}: no shape for {missing}"
    opset = model.opset_import[0].version
    print(f"{path}: onnx {onnx.__version__} accepts it, opset {opset}, {len(model.graph.node)} nodes, all with shapes")
