/**
 * @file `npm run golden -- FILE.json [--kernels ALGORITHM]`: trains a ResNet as a reference in float64 did, and compares;
 * by the convolution kernels of one algorithm where it has any.
 *
 * Prints the worst error of each kind beside its tolerance; exits with 1 beyond any.
 */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nodeAdapters } from '../src/device/node/adapters.ts';
import { ALL_ALGORITHMS } from '../src/kernels/conv2d/all-algorithms.ts';
import { openDevice } from '../src/tensor/open-device.ts';
import { algorithmsOf, setAlgorithms, setTuning } from '../src/tensor/tuning.ts';
import { type Reference, trainAsReference } from '../test/golden/train-as-reference.ts';

const {
  positionals: [file],
  values: { kernels },
} = parseArgs({ allowPositionals: true, options: { kernels: { type: 'string' } } });
const algorithms = ALL_ALGORITHMS.map(({ name }) => name);
if (!file || (kernels && !algorithms.includes(kernels))) {
  console.error(`usage: npm run golden -- FILE.json [--kernels ${algorithms.join('|')}]`);
  process.exit(2);
}
const reference = JSON.parse(readFileSync(file, 'utf8')) as Reference;
const device = await openDevice(nodeAdapters);
setAlgorithms(device, [...ALL_ALGORITHMS.filter(({ name }) => name === kernels), ...algorithmsOf(device)]);
setTuning(device, { algorithmOf: () => kernels });
console.log(
  `ResNet-${reference.layers}, ${reference.batch} × 3 × ${reference.size}², on ${device.info.name}`,
);
let start = performance.now();
const worst = await trainAsReference(device, reference, (step, loss) => {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  start = performance.now();
  const expected = reference.steps[step]!.loss.toFixed(7);
  console.log(`step ${step}: loss ${loss.toFixed(7)}, reference ${expected}, ${seconds} s`);
});
for (const { kind, error, tolerance, met, where } of worst) {
  const figures = `${error.toExponential(2)}  tolerance ${tolerance.toExponential(0)}`;
  console.log(`${met ? 'ok      ' : 'MISMATCH'}  ${kind.padEnd(11)}  ${figures}  worst: ${where}`);
}
process.exitCode = worst.every(({ met }) => met) ? 0 : 1;
device.destroy();
