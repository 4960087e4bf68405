// Learns which images of noise have a bright spot, without being told where, and shows by Grad-CAM that it looks there.
import { writeFile } from 'node:fs/promises';
import * as fovea from 'fovea';

const [SIZE, SPOT] = [24, 6];

/** Grey noise; every second image has a spot of another grey somewhere. */
function draw(samples: number, random: fovea.Random) {
  const spots = Array.from({ length: samples }, () => [
    random.integer(SIZE - SPOT),
    random.integer(SIZE - SPOT),
  ]);
  const isInSpot = (image: number, x: number, y: number): boolean => {
    const [left, top] = spots[image] as [number, number];
    return x >= left && x < left + SPOT && y >= top && y < top + SPOT;
  };
  const pixels = Float32Array.from({ length: samples * SIZE ** 2 }, (_, i) => {
    const [image, y, x] = [Math.floor(i / SIZE ** 2), Math.floor(i / SIZE) % SIZE, i % SIZE];
    return 0.5 * random.normal() + (image % 2 === 1 && isInSpot(image, x, y) ? 1.5 : 0);
  });
  return { pixels, labels: Float32Array.from(spots, (_, i) => i % 2), isInSpot };
}

const device = await fovea.createDevice();
fovea.manualSeed(device, 1);
const model = new fovea.Sequential(device, [
  new fovea.Conv2D(device, { inChannels: 1, outChannels: 8, kernel: 3, padding: 1 }),
  fovea.relu,
  new fovea.Conv2D(device, { inChannels: 8, outChannels: 16, kernel: 3, padding: 1, stride: 2 }),
  new fovea.ReLU(device), // its name is 3, as in a state dict
  new fovea.Pool2D(device, { type: 'avg', global: true }),
  new fovea.Flatten(device),
  new fovea.Linear(device, { inFeatures: 16, outFeatures: 1 }),
]);
const samplesOf = (samples: number, seed: number) => {
  const { pixels, labels } = draw(samples, new fovea.Random(seed));
  const inputs = { data: pixels, shape: [samples, 1, SIZE, SIZE] };
  return new fovea.ArrayLoader({
    inputs,
    targets: { data: labels, shape: [samples, 1] },
    batchSize: 50,
    shuffle: true,
  });
};
await fovea.fit({
  model,
  optimizer: new fovea.AdamW({ parameters: model.parameters(), learningRate: 0.01 }),
  ...{ training: samplesOf(400, 1), validation: samplesOf(100, 2), epochs: 15 },
  loss: (logits, targets) => fovea.mean(fovea.sigmoidCrossEntropyWithLogits(logits, targets as fovea.Tensor)),
});

const test = draw(20, new fovea.Random(3));
const images = fovea.tensor(device, test.pixels, [20, 1, SIZE, SIZE]);
const maps = await fovea.gradCam(model, images, { layer: '3', size: SIZE });
const found = maps.filter(({ values }, image) => {
  const most = values.indexOf(1);
  return image % 2 === 1 && test.isInSpot(image, most % SIZE, Math.floor(most / SIZE));
});
console.log(`${found.length} of 10 spots found`);

const grey = [...test.pixels.subarray(SIZE ** 2, 2 * SIZE ** 2)].map((x) =>
  Math.min(255, Math.max(0, 100 + 50 * x)),
);
const data = Uint8Array.from(grey.flatMap((x) => [x, x, x]));
const image = { width: SIZE, height: SIZE, channels: 3, order: 'rgb', data } as const;
await writeFile('explained.png', fovea.encodePng(fovea.overlayMap(image, maps[1]!)));
device.destroy();
