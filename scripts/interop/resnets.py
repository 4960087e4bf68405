"""ResNets of the real libraries, for scripts/interop/weights.ts to compare with fovea's on the same images.

    python resnets.py make FOLDER LIBRARY LAYERS    # FOLDER/images.f32 → theirs.pth or theirs.pdparams, .pdopt; theirs.json
    python resnets.py read FOLDER LIBRARY LAYERS    # ours.pth, ours.safetensors or ours.pdparams, .pdopt → ours.json

LIBRARY is torchvision, timm or paddle. Weights are random, and running statistics those of the images; what a block adds is scaled by
BRANCH. Else rounding would grow from block to block as in no trained network: with a scale of 1, PyTorch's own logits of a ResNet-101 in
float32 are off by 4e-4 of those in float64, with 0.25 by 5e-6. Paddle's network is also trained, before and after its files are written.
"""

import json
import os
import sys

import numpy

SIZE, CLASSES, STEPS = 64, 3, 2
BRANCH = 0.25


class Torch:
    def __init__(self, library, layers):
        import torch

        self.torch = torch
        torch.manual_seed(layers)
        if library == "timm":
            import timm

            self.model = timm.create_model(f"resnet{layers}", num_classes=CLASSES)
        else:
            import torchvision

            self.model = getattr(torchvision.models, f"resnet{layers}")(num_classes=CLASSES)

    def make(self, images, path):
        norms = [module for module in self.model.modules() if isinstance(module, self.torch.nn.BatchNorm2d)]
        for norm in norms:
            norm.momentum = 1.0
        last = "bn3" if hasattr(self.model.layer1[0], "bn3") else "bn2"
        for name, module in self.model.named_modules():
            if name.endswith(last):
                self.torch.nn.init.constant_(module.weight, BRANCH)
        with self.torch.no_grad():
            self.model.train()(self.torch.from_numpy(images))
        self.torch.save(self.model.state_dict(), f"{path}.pth")
        return {"logits": self.logits(images)}

    def read(self, images, path):
        from safetensors.torch import load_file

        states = {
            "logits": self.torch.load(f"{path}.pth", weights_only=True),
            "safetensors": load_file(f"{path}.safetensors"),
        }
        found = {}
        for name, state in states.items():
            self.model.load_state_dict(state, strict=True)
            found[name] = self.logits(images)
        return found

    def logits(self, images):
        with self.torch.no_grad():
            return self.model.eval()(self.torch.from_numpy(images)).numpy().ravel().tolist()


def paddle_network(layers):
    """The original program's network, by its names, on today's Paddle."""
    from paddle import nn
    from paddle.nn import functional

    class ConvBNLayer(nn.Layer):
        def __init__(self, into, out, kernel, stride=1, act=None):
            super().__init__()
            self._conv = nn.Conv2D(into, out, kernel, stride, (kernel - 1) // 2, bias_attr=False)
            self._batch_norm = nn.BatchNorm(out, act=act)

        def forward(self, x):
            return self._batch_norm(self._conv(x))

    class Bottleneck(nn.Layer):
        def __init__(self, into, channels, stride, shortcut):
            super().__init__()
            self.conv0 = ConvBNLayer(into, channels, 1, act="relu")
            self.conv1 = ConvBNLayer(channels, channels, 3, stride, act="relu")
            self.conv2 = ConvBNLayer(channels, channels * 4, 1)
            self.conv2._batch_norm.weight.set_value(numpy.full(channels * 4, BRANCH, "float32"))
            if not shortcut:
                self.short = ConvBNLayer(into, channels * 4, 1, stride)
            self.shortcut = shortcut

        def forward(self, x):
            y = self.conv2(self.conv1(self.conv0(x)))
            return functional.relu(y + (x if self.shortcut else self.short(x)))

    class ResNet(nn.Layer):
        def __init__(self):
            super().__init__()
            self.conv = ConvBNLayer(3, 64, 7, 2, act="relu")
            self.pool = nn.MaxPool2D(3, 2, 1)
            self.blocks, into = [], 64
            for stage, count in enumerate({50: [3, 4, 6, 3], 101: [3, 4, 23, 3]}[layers]):
                for place in range(count):
                    stride = 2 if place == 0 and stage > 0 else 1
                    block = Bottleneck(into, 64 * 2**stage, stride, place > 0)
                    self.blocks.append(self.add_sublayer(f"bb_{stage}_{place}", block))
                    into = 256 * 2**stage
            self.out = nn.Linear(into, CLASSES)

        def forward(self, x):
            y = self.pool(self.conv(x))
            for block in self.blocks:
                y = block(y)
            return self.out(functional.adaptive_avg_pool2d(y, 1).flatten(1))

    return ResNet()


class Paddle:
    def __init__(self, _, layers):
        import paddle

        self.paddle = paddle
        paddle.seed(layers)
        self.model = paddle_network(layers)
        self.rate = paddle.optimizer.lr.PolynomialDecay(0.001, 100, 0.0001)
        self.optimizer = paddle.optimizer.Momentum(self.rate, 0.9, self.model.parameters())

    def make(self, images, path):
        self.train(images)
        norms = [layer for layer in self.model.sublayers() if isinstance(layer, self.paddle.nn.BatchNorm)]
        usual = norms[0]._momentum
        for norm in norms:
            norm._momentum = 0.0
        with self.paddle.no_grad():
            self.model(self.paddle.to_tensor(images))
        for norm in norms:
            norm._momentum = usual
        self.paddle.save(self.model.state_dict(), f"{path}.pdparams")
        self.paddle.save(self.optimizer.state_dict(), f"{path}.pdopt")
        logits = self.logits(images)
        return {"logits": logits, "losses": self.train(images)}

    def read(self, images, path):
        self.model.set_state_dict(self.paddle.load(f"{path}.pdparams"))
        self.optimizer.set_state_dict(self.paddle.load(f"{path}.pdopt"))
        logits = self.logits(images)
        return {"logits": logits, "losses": self.train(images), "step": self.rate.last_epoch - STEPS}

    def logits(self, images):
        self.model.eval()
        with self.paddle.no_grad():
            return self.model(self.paddle.to_tensor(images)).numpy().ravel().tolist()

    def train(self, images):
        """Some steps on the images, whose classes are counted off; the losses."""
        self.model.train()
        labels = self.paddle.arange(len(images)) % CLASSES
        losses = []
        for _ in range(STEPS):
            loss = self.paddle.nn.functional.cross_entropy(self.model(self.paddle.to_tensor(images)), labels)
            loss.backward()
            self.optimizer.step()
            self.optimizer.clear_grad()
            self.rate.step()
            losses.append(float(loss))
        return losses


action, folder, library, layers = sys.argv[1:]
images = numpy.fromfile(os.path.join(folder, "images.f32"), "float32").reshape(-1, 3, SIZE, SIZE)
network = (Paddle if library == "paddle" else Torch)(library, int(layers))
name = {"make": "theirs", "read": "ours"}[action]
found = getattr(network, action)(images, os.path.join(folder, name))
with open(os.path.join(folder, f"{name}.json"), "w") as file:
    json.dump(found, file)
