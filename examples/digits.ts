// Learns to tell digits of 8×8 pixels, drawn with random shift, size, slant, thickness and noise.
import * as fovea from 'fovea';

/** The strokes of 0 to 9: corners xy on a grid of 5×9. */
const STROKES = [
  ...['10 30 42 46 38 18 06 02 10', '11 20 28', '02 10 30 42 43 08 48', '01 10 30 42 33 24 35 46 38 18 07'],
  ...['38 30 05 45', '40 00 04 24 45 47 38 08', '30 10 02 06 18 38 47 45 34 14 05', '00 40 18'],
  ...['10 30 42 33 14 05 07 18 38 47 45 34 13 02 10', '44 14 03 01 10 30 41 46 38 18'],
].map((corners) => corners.split(' ').map((corner) => [Number(corner[0]), Number(corner[1])] as const));

/** How far a point is from the nearest of the strokes between corners. */
function distance(x: number, y: number, corners: readonly (readonly [number, number])[]): number {
  const distances = corners.slice(1).map(([x2, y2], i) => {
    const [x1, y1] = corners[i]!;
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
    return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
  });
  return Math.min(...distances);
}

function draw(samples: number, random: fovea.Random): fovea.ArrayLoader {
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const labels = Int32Array.from({ length: samples }, () => random.integer(10));
  const images = Array.from(labels, (label) => {
    const [left, top, thickness] = [between(-1, 1), between(-1, 1), between(0.3, 1)];
    const [size, slant] = [between(1.2, 1.7), between(-0.3, 0.3)];
    return Array.from({ length: 64 }, (_, i) => {
      const [x, y] = [(i % 8) - 3.5 + left, Math.floor(i / 8) - 3.5 + top];
      const away = distance((x + slant * y) * size + 2, y * size + 4, STROKES[label]!) / size;
      return Math.min(1, Math.max(0, thickness + 0.5 - away)) + 0.1 * random.normal();
    });
  });
  const inputs = { data: Float32Array.from(images.flat()), shape: [samples, 1, 8, 8] };
  const targets = { data: labels, shape: [samples] };
  return new fovea.ArrayLoader({ inputs, targets, batchSize: 50, shuffle: true });
}

const device = await fovea.createDevice();
const block = (inChannels: number, outChannels: number) => [
  new fovea.Conv2D(device, { inChannels, outChannels, kernel: 3, padding: 1 }),
  new fovea.ReLU(device),
  new fovea.Pool2D(device, { type: 'max', kernel: 2 }),
];
const head = [new fovea.Flatten(device), new fovea.Linear(device, { inFeatures: 128, outFeatures: 10 })];
const model = new fovea.Sequential(device, [...block(1, 16), ...block(16, 32), ...head]);

const [training, validation, epochs] = [draw(2500, new fovea.Random(1)), draw(500, new fovea.Random(2)), 6];
const learningRate = new fovea.CosineDecay({ initial: 0.01, steps: epochs * training.length });
const optimizer = new fovea.AdamW({ parameters: model.parameters(), learningRate });
await fovea.fit({
  ...{ model, optimizer, training, validation, epochs },
  ...{ loss: fovea.crossEntropy, metrics: { accuracy: fovea.accuracy } },
  onEpoch: ({ epoch, validation: { loss, accuracy } }) => console.log(epoch + 1, loss, accuracy),
});
device.destroy();
