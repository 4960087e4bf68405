/**
 * Trains a small network on photographs that never leave the page, and keeps a checkpoint in the browser. Serve this folder with the
 * package's `dist/` as `fovea/` beside it; there is nothing to build.
 */
import * as fovea from './fovea/browser.js';

const SIZE = 32;
const CHECKPOINT = 'example/last.safetensors';
const input = document.querySelector('#files');
const button = document.querySelector('#train');
const log = document.querySelector('#log');
const say = (text) => {
  log.textContent += `${text}\n`;
};

input.addEventListener('change', () => {
  button.disabled = input.files.length === 0;
});
button.addEventListener('click', async () => {
  button.disabled = true;
  try {
    await train(fovea.treeOfFiles(input.files));
  } catch (error) {
    say(error.message);
  } finally {
    button.disabled = false;
  }
});

/** Trains for two epochs on the photographs in `tree`. */
async function train(tree) {
  const { samples } = await fovea.readTrainingFolder(tree);
  const { training, validation } = await fovea.splitSamples(samples, { share: 0.25 });
  const load = (part, shuffle) =>
    new fovea.DataLoader(new fovea.ImageDataset(part, { size: SIZE }), { batchSize: 4, shuffle });
  const device = await fovea.createDevice();
  fovea.manualSeed(device, 1);
  const model = new fovea.ResNet(device, { layers: 18 });
  const optimizer = new fovea.Momentum({ parameters: model.parameters(), learningRate: 0.001 });
  const { progress } = await fovea.fit({
    ...{ model, optimizer, epochs: 2 },
    ...{ training: load(training, true), validation: load(validation, false) },
    onStep: ({ step, loss }) => say(`step ${step}: loss ${loss.toFixed(4)}`),
  });
  const config = { layers: 18, classDim: 1, size: SIZE, channelOrder: 'bgr' };
  await fovea.saveCheckpoint(CHECKPOINT, await fovea.takeCheckpoint(model, optimizer, { config, progress }));
  device.destroy();
  const [{ path, bytes }] = await fovea.listCheckpoints('example');
  say(`kept as ${path}, ${bytes} bytes`);
}
