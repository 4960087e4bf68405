// Serves a network over HTTP, asks it about an image as any client would, and ends.
import { createDevice, encodePng, ResNet, servePredictions } from 'fovea';

const device = await createDevice();
const model = new ResNet(device, { layers: 18, classDim: 2 }); // or modelOfCheckpoint(device, await loadCheckpoint(path))
const config = { size: 64, channelOrder: 'rgb', preprocessing: 'imagenet', classes: ['cat', 'dog'] } as const;
const server = await servePredictions(model, config, { port: 0, onEvent: console.error }); // 0: any port that is free
console.log(`listening at ${server.url}`);

const grey = {
  width: 96,
  height: 96,
  channels: 3,
  order: 'rgb',
  data: new Uint8Array(96 * 96 * 3).fill(128),
} as const;
const response = await fetch(`${server.url}predict`, {
  method: 'POST',
  headers: { 'content-type': 'image/png' },
  body: encodePng(grey) as Uint8Array<ArrayBuffer>,
});
const { predictions } = (await response.json()) as {
  predictions: { label: string; probabilities: number[] }[];
};
for (const { label, probabilities } of predictions) console.log(label, probabilities);

await server.close(); // a service waits for SIGTERM here: process.once('SIGTERM', () => server.close())
device.destroy();
