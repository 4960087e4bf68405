"""Writes test/interop/fixtures/weights.json: tiny files of the real libraries, in base64, and what they hold.

usage: python scripts/interop/make-weight-fixtures.py [torch|paddle]...
torch==2.13.0 or paddlepaddle==3.3.1, with numpy==2.4.6; each writes its own entries, and leaves the others.
"""
import base64, io, json, os, sys, tempfile

PATH = os.path.join(os.path.dirname(__file__), "../../test/interop/fixtures/weights.json")


def values(count, seed):
    """Any language makes the same: halves, so that f16 and bf16 hold them exactly."""
    return [((i * 7 + seed) % 13 - 6) / 2 for i in range(count)]


def torch_files():
    import torch

    def file(value, **options):
        buffer = io.BytesIO()
        torch.save(value, buffer, **options)
        return base64.b64encode(buffer.getvalue()).decode()

    matrix = torch.tensor(values(6, 1)).reshape(2, 3)
    base = torch.tensor(values(8, 2))
    half = torch.tensor(values(4, 3), dtype=torch.float16)
    state = {
        "matrix": matrix,
        "transposed": matrix.t(),
        "half": half,
        "bfloat": half.to(torch.bfloat16),
        "double": half.double(),
        "count": torch.tensor(7),
        "slice": base[2:6],
        "shared": base[::2],
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(matrix),
    }
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    with torch.no_grad():
        model[0].weight.copy_(matrix)
        model[0].bias.copy_(base[:2])
    return {
        "torch": file(state),
        "torchModule": file({"epoch": 3, "state_dict": model.state_dict()}),
        "torchLegacy": file({"a": torch.zeros(1)}, _use_new_zipfile_serialization=False),
        "torchCode": file({"a": torch.zeros(1), "b": torch.nn.Linear(1, 1)}),
    }


def paddle_files():
    import numpy, paddle
    from paddle import nn

    class Net(nn.Layer):
        def __init__(self):
            super().__init__()
            self._conv = nn.Conv2D(2, 2, 1, bias_attr=False)
            self._batch_norm = nn.BatchNorm(2)
            self.out = nn.Linear(2, 1)

        def forward(self, x):
            return self.out(self._batch_norm(self._conv(x)).mean([2, 3]))

    net = Net()
    for i, parameter in enumerate(net.parameters()):
        parameter.set_value(numpy.array(values(parameter.size, i), "float32").reshape(parameter.shape))
    rate = paddle.optimizer.lr.StepDecay(0.25, 10)
    optimizer = paddle.optimizer.Momentum(rate, 0.9, net.parameters())
    net(paddle.ones([2, 2, 3, 3]) * paddle.to_tensor([1.0, 2.0]).reshape([2, 1, 1, 1])).sum().backward()
    optimizer.step()
    rate.step()
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        for protocol in (2, 4):
            for name, state in (("Parameters", net.state_dict()), ("Optimizer", optimizer.state_dict())):
                path = os.path.join(folder, "file")
                paddle.save(state, path, protocol=protocol)
                result["paddle%s%d" % (name, protocol)] = base64.b64encode(open(path, "rb").read()).decode()
    flat = lambda tensor: numpy.asarray(tensor).ravel().tolist()
    result["paddleValues"] = {name: flat(value.numpy()) for name, value in net.state_dict().items()}
    result["paddleVelocities"] = {
        name: flat(value.numpy()) for name, value in optimizer.state_dict().items() if "velocity" in name
    }
    return result


written = json.load(open(PATH)) if os.path.exists(PATH) else {}
for library in sys.argv[1:] or ["torch", "paddle"]:
    written.update({"torch": torch_files, "paddle": paddle_files}[library]())
with open(PATH, "w") as file:
    json.dump(written, file, indent=1, sort_keys=True)
    file.write("\n")
