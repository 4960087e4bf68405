"""Reads the event files of a run folder as TensorBoard does, and compares them with its metrics.jsonl.

    npm start -- … --tensorboard --out runs/first
    python scripts/interop/check-tensorboard.py runs/first
"""

import json
import pathlib
import sys

import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

folder = pathlib.Path(sys.argv[1])
lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
steps = [line for line in lines if line["kind"] == "step"]
epochs = [line for line in lines if line["kind"] == "epoch"]

events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
events.Reload()
print("tags:", ", ".join(events.Tags()["scalars"]))


def compare(tag, expected):
    found = [(event.step, event.value) for event in events.Scalars(tag)]
    assert [step for step, _ in found] == [step for step, _ in expected], (tag, found, expected)
    wanted = [numpy.float32(value) for _, value in expected]
    assert numpy.array_equal([numpy.float32(value) for _, value in found], wanted, equal_nan=True), tag
    print(f"{tag}: {len(found)} values agree")


compare("train/loss", [(line["step"], line["loss"]) for line in steps])
compare("train/learning_rate", [(line["step"], line["learningRate"]) for line in steps])
for name in ("loss", "accuracy", "auc"):
    compare(f"validation/{name}", [(line["step"], line["validation"][name]) for line in epochs])
