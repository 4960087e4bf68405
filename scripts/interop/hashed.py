"""Numbers hashed from names, the same as src/verify/hashed-values.ts makes, so that no weights have to be stored."""

import numpy
import torch


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def hashed(name, shape, scale=1.0, shift=0.0):
    """`scale * s + shift` with s in [-1, 1) hashed from `name`, as float32."""
    mask = numpy.uint64(0xFFFFFFFF)
    count = int(numpy.prod(shape))
    x = (numpy.arange(count, dtype=numpy.uint64) * numpy.uint64(0x9E3779B9) + numpy.uint64(fnv1a(name))) & mask
    x = ((x ^ (x >> numpy.uint64(16))) * numpy.uint64(0x7FEB352D)) & mask
    x = ((x ^ (x >> numpy.uint64(15))) * numpy.uint64(0x846CA68B)) & mask
    x = x ^ (x >> numpy.uint64(16))
    s = 2 * ((x >> numpy.uint64(8)).astype(numpy.float64) / 2**24) - 1
    return torch.from_numpy((scale * s + shift).astype(numpy.float32)).reshape(tuple(shape))


def hash_state(model):
    """Overwrites the state of a model with numbers hashed from its names. test/support/hashed-state.ts has the same rule."""
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        if name.endswith("running_var") or (tensor.dim() == 1 and name.endswith("weight")):
            value = hashed(name, tensor.shape, 0.25, 1)
        elif tensor.dim() == 1:
            value = hashed(name, tensor.shape, 0.1)
        else:
            value = hashed(name, tensor.shape, (3 / tensor[0].numel()) ** 0.5)
        tensor.copy_(value)
    return model
