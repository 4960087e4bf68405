// Fine-tunes a ResNet that was trained on other classes: its weights from a file of any kind, a new last layer, the rest held.
//
//     node fine-tune.ts resnet18.pth
import { readFile } from 'node:fs/promises';
import * as fovea from 'fovea';

const SIZE = 32;

/** Images of stripes, across (0) or along (1), here drawn: a `DataLoader` of your photographs comes in its place. */
function stripes(seed: number, samples: number): fovea.ArrayLoader {
  const random = new fovea.Random(seed);
  const drawn = Array.from({ length: samples }, (_, i) => ({ label: i % 2, phase: random.uniform() * 8 }));
  const pixels = Float32Array.from({ length: samples * 3 * SIZE ** 2 }, (_, i) => {
    const { label, phase } = drawn[Math.floor(i / (3 * SIZE ** 2))]!;
    const at = label === 1 ? i % SIZE : Math.floor(i / SIZE) % SIZE;
    return Math.sin(((at + phase) * Math.PI) / 4) + 0.5 * random.normal();
  });
  return new fovea.ArrayLoader({
    inputs: { data: pixels, shape: [samples, 3, SIZE, SIZE] },
    targets: { data: Int32Array.from(drawn, ({ label }) => label), shape: [samples] },
    ...{ batchSize: 20, shuffle: true },
  });
}

const device = await fovea.createDevice();
const { state, config } = await fovea.decodeWeights(await readFile(process.argv[2]!));
const model = new fovea.ResNet(device, { layers: config.layers, classDim: 2, seed: 1 });
const { mismatched } = model.loadStateDict(state, { strict: false });
console.log(`ResNet-${config.layers}; new: ${mismatched.join(', ')}`);

fovea.freeze(model); // batch norms too: they normalize by the statistics that came with the weights
fovea.unfreeze(model, 'out');
const optimizer = new fovea.AdamW({ parameters: model.parameters(), learningRate: 0.01 });
await fovea.fit({
  ...{ model, optimizer, training: stripes(1, 200), validation: stripes(2, 100), epochs: 4 },
  loss: (logits, labels) => fovea.crossEntropy(logits, labels as fovea.Tensor<'i32'>),
  metrics: {
    accuracy: (logits, labels) => fovea.accuracy(logits, labels as fovea.Tensor<'i32'>),
  },
  onEpoch: ({ epoch, validation: { loss, accuracy } }) =>
    console.log(epoch + 1, loss.toFixed(3), accuracy.toFixed(3)),
});
device.destroy();
