/**
 * @file Shows the weights that fovea reads and writes to the real libraries: the same images must give the same logits there and here, and
 * a training must go on the same.
 *
 *     python3 -m venv .venv && .venv/bin/pip install -r scripts/interop/requirements.txt
 *     npx tsx scripts/interop/weights.ts --python .venv/bin/python [--libraries torchvision-18,timm-50,paddle-50]
 */

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { convertCommand } from '../../src/cli/convert.ts';
import {
  backward,
  createDevice,
  crossEntropy,
  type DecodedWeights,
  decodePaddleOptimizer,
  decodeWeights,
  encodeWeights,
  Momentum,
  momentumFromPaddle,
  noGrad,
  openScope,
  PolynomialDecay,
  ResNet,
  type ResNetLayers,
  saveCheckpoint,
  takeCheckpoint,
  tensor,
} from '../../src/index.ts';
import { resnetWeights } from '../../src/interop/resnet-names.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { hashedValues } from '../../src/verify/hashed-values.ts';

/** As in resnets.py. */
const [SIZE, CLASSES, STEPS, BATCH] = [64, 3, 2, 6];
const LIBRARIES = 'torchvision-18,torchvision-50,torchvision-101,timm-50,paddle-50';

/** What resnets.py found. */
type Found = Readonly<Record<string, readonly number[]>>;

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    libraries: { type: 'string', default: LIBRARIES },
  },
});
const device = await createDevice();
const images = hashedValues('images', BATCH * 3 * SIZE * SIZE);
const program = fileURLToPath(new URL('resnets.py', import.meta.url));

for (const name of values.libraries.split(',')) {
  const [library, layers] = name.split('-') as [string, string];
  const folder = await mkdtemp(join(tmpdir(), 'fovea-weights-'));
  const at = (file: string) => join(folder, file);
  await writeFile(at('images.f32'), images);
  const run = async (action: 'make' | 'read'): Promise<Found> => {
    execFileSync(values.python, [program, action, folder, library, layers], { stdio: 'pipe' });
    return JSON.parse(await readFile(at(action === 'make' ? 'theirs.json' : 'ours.json'), 'utf8'));
  };
  const theirs = await run('make');
  const isPaddle = library === 'paddle';
  const weights = await decodeWeights(await readFile(at(isPaddle ? 'theirs.pdparams' : 'theirs.pth')));
  const model = new ResNet(device, { layers: weights.config.layers, classDim: CLASSES });
  model.loadStateDict(weights.state);
  report(`${name} → fovea, logits`, theirs.logits!, await logitsOf(model));
  if (isPaddle) await goOn(name, model, weights, theirs, at, run);
  else {
    const { config, state } = weights;
    for (const format of ['pth', 'safetensors'] as const)
      await writeFile(at(`ours.${format}`), encodeWeights({ config, state }, { format }));
    const back = await run('read');
    report(`fovea → ${name}, logits of the .pth`, theirs.logits!, back.logits!);
    report(`fovea → ${name}, logits of the .safetensors`, theirs.logits!, back.safetensors!);
  }
  model.dispose();
  await rm(folder, { recursive: true });
}
device.destroy();

/** Goes on with a training of Paddle's, and has Paddle go on with that. */
async function goOn(
  name: string,
  model: ResNet,
  { parameterNames, config }: DecodedWeights,
  theirs: Found,
  at: (file: string) => string,
  run: (action: 'read') => Promise<Found>,
): Promise<void> {
  const learningRate = new PolynomialDecay({ initial: 0.001, steps: 100, end: 0.0001 });
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate });
  const usual = resnetWeights(config.layers as ResNetLayers).map(({ names }) => {
    return [names.original, names['paddle-parameters']] as const;
  });
  const known = new Map([...usual, ...(parameterNames ?? [])]);
  const names = new Map(optimizer.parameters.map(({ name }) => [name, known.get(name)!]));
  const paddles = decodePaddleOptimizer(await readFile(at('theirs.pdopt')));
  optimizer.loadStateDict(momentumFromPaddle(paddles, names));
  report(
    `${name} → fovea, losses after ${paddles.step} steps`,
    theirs.losses!,
    await train(model, optimizer),
  );

  const logits = await logitsOf(model);
  const { step } = await optimizer.stateDict();
  const about = { config, progress: BEGINNING, settings: { lr: learningRate.at(step) } };
  await saveCheckpoint(at('ours.safetensors'), await takeCheckpoint(model, optimizer, about));
  for (const file of ['ours.pdparams', 'ours.pdopt'])
    await convertCommand.parseAsync([at('ours.safetensors'), at(file)], { from: 'user' });
  const back = await run('read');
  report(`fovea → ${name}, logits`, logits, back.logits!);
  report(`fovea → ${name}, losses after ${back.step} steps`, await train(model, optimizer), back.losses!);
}

async function logitsOf(model: ResNet): Promise<Float32Array> {
  using _ = openScope(device);
  model.eval();
  return noGrad(device, () => model(tensor(device, images, [BATCH, 3, SIZE, SIZE]))).data();
}

async function train(model: ResNet, optimizer: Momentum): Promise<number[]> {
  model.train();
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    using _ = openScope(device);
    const labels = tensor(
      device,
      Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES),
    );
    const loss = crossEntropy(model(tensor(device, images, [BATCH, 3, SIZE, SIZE])), labels);
    backward(loss);
    optimizer.step();
    optimizer.clearGradients();
    losses.push(await loss.item());
  }
  return losses;
}

function report(what: string, expected: ArrayLike<number>, found: ArrayLike<number>): void {
  const differences = Array.from(expected, (value, i) => Math.abs(value - found[i]!));
  const [largest, most] = [Math.max(...differences), Math.max(...Array.from(expected, Math.abs))];
  const passed = expected.length === found.length && largest < 1e-4;
  console.log(
    `${what}: up to ${most.toFixed(3)}, largest difference ${largest.toExponential(1)}: ${passed ? 'passed' : 'FAILED'}`,
  );
  if (!passed) process.exitCode = 1;
}
