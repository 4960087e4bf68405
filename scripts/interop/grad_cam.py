"""Grad-CAM by pytorch-grad-cam, for scripts/interop/grad-cam.ts to compare with fovea's on the same weights.

    pip install -r requirements.txt
    python grad_cam.py FILE.json                  # ResNet-18 and ResNet-50
    python grad_cam.py --fixture ../../test/explain/fixtures/pytorch-grad-cam.json   # the tiny networks of the tests

Weights and images are hashed from their names. Maps have the size of the images, as pytorch-grad-cam scales them. The last batch norm
of a block cannot be compared: torchvision adds the shortcut in place, to what pytorch-grad-cam has taken for its result.
"""

import json
import sys

import torch
import torchvision
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import BinaryClassifierOutputTarget, ClassifierOutputTarget
from torch import nn

from hashed import hash_state, hashed


def tiny(class_dim):
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Conv2d(8, 8, 3, stride=2, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32, class_dim),
    )


def maps_of(model, layers, batch, size, classes):
    """What GradCAM makes of each layer, for the classes given or the predicted ones (None)."""
    hash_state(model.eval())
    images = hashed("images", (batch, 3, size, size))
    with torch.no_grad():
        logits = model(images)
    target = BinaryClassifierOutputTarget if logits.shape[1] == 1 else ClassifierOutputTarget
    targets = None if classes is None else [target(label) for label in classes]
    modules = dict(model.named_modules())
    return {
        "classDim": logits.shape[1], "batch": batch, "size": size,
        "classes": logits.argmax(1).tolist() if classes is None else classes,
        "predicted": classes is None,
        "layers": {
            layer: [[round(float(x), 6) for x in map.flatten()]
                    for map in GradCAM(model, [modules[layer]])(images, targets)]
            for layer in layers
        },
    }


fixture, *rest = sys.argv[1:] if sys.argv[1] == "--fixture" else (None, *sys.argv[1:])
if fixture:
    cases = {
        "tiny, predicted": maps_of(tiny(3), ["1", "4"], 2, 8, None),
        "tiny, class 1": maps_of(tiny(1), ["3"], 2, 8, [1, 1]),
        "tiny, class 0": maps_of(tiny(1), ["4"], 2, 8, [0, 0]),
    }
else:
    resnet = lambda layers, class_dim: getattr(torchvision.models, f"resnet{layers}")(num_classes=class_dim)
    cases = {
        "ResNet-18": maps_of(resnet(18, 3), ["layer4.1", "layer3.0", "layer1.1.conv2"], 2, 64, None),
        "ResNet-50": maps_of(resnet(50, 1), ["layer4.2", "layer3.5", "layer2.0.conv3"], 2, 224, [1, 1]),
        "ResNet-50, class 0": maps_of(resnet(50, 1), ["layer4.2"], 1, 224, [0]),
    }
with open(rest[0], "w") as file:
    file.write(json.dumps(cases) + "\n")
