// Learns a data set of one's own, a folder per class: here drawn first, crosses, discs and squares somewhere in noise.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fovea from 'fovea';

const SIZE = 32;
const SHAPES: Record<string, (x: number, y: number) => boolean> = {
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 2 && Math.max(Math.abs(x), Math.abs(y)) < 8,
  disc: (x, y) => Math.hypot(x, y) < 7,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 6,
};

const random = new fovea.Random(1);
for (const [name, isInside] of Object.entries(SHAPES)) {
  await mkdir(join('shapes', name), { recursive: true });
  for (let i = 0; i < 60; i++) {
    const [left, top] = [8 + random.integer(SIZE - 16), 8 + random.integer(SIZE - 16)];
    const data = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, j) => {
      const [x, y] = [Math.floor(j / 3) % SIZE, Math.floor(j / 3 / SIZE)];
      return (isInside(x - left, y - top) ? 150 : 80) + random.integer(70);
    });
    const image = { width: SIZE, height: SIZE, channels: 3, order: 'rgb', data } as const;
    await writeFile(join('shapes', name, `${i}.png`), fovea.encodePng(image));
  }
}

// A folder per class is all that is needed: what follows is the same for any other.
const { samples, classes } = await fovea.readClassFolders('shapes');
const sets = await fovea.splitSamples(samples, { share: 0.25, seed: 1 });
const photographs = (set: readonly fovea.Sample[]) => new fovea.ImageDataset(set, { size: SIZE });
const transforms = fovea.compose(fovea.randomHorizontalFlip(), fovea.randomVerticalFlip());
const training = new fovea.DataLoader(photographs(sets.training), {
  batchSize: 15,
  shuffle: true,
  transforms,
});
const validation = new fovea.DataLoader(photographs(sets.validation), { batchSize: 15 });

const device = await fovea.createDevice();
fovea.manualSeed(device, 1);
const block = (inChannels: number, outChannels: number) => [
  new fovea.Conv2D(device, { inChannels, outChannels, kernel: 3, padding: 1 }),
  new fovea.BatchNorm(device, { channels: outChannels }),
  (x: fovea.Tensor) => fovea.maxPool2d(fovea.relu(x), { kernel: 2 }),
];
const model = new fovea.Sequential(device, [
  ...[...block(3, 16), ...block(16, 32), ...block(32, 64)],
  new fovea.Pool2D(device, { type: 'max', global: true }),
  new fovea.Flatten(device),
  new fovea.Linear(device, { inFeatures: 64, outFeatures: classes.length }),
]);
const optimizer = new fovea.AdamW({ parameters: model.parameters(), learningRate: 0.005 });
await fovea.fit({
  ...{ model, optimizer, training, validation, epochs: 8 },
  onEpoch: ({ epoch, validation: { accuracy } }) => console.log(epoch + 1, accuracy.toFixed(3)),
});
console.log(classes.join(' '), JSON.stringify((await fovea.evaluate(model, validation)).confusionMatrix));
device.destroy();
