/**
 * @file Tensors as text. What is expected of values is what `str(numpy.array(..., numpy.float32))` of NumPy 2.4 gives.
 */

import { inspect } from 'node:util';
import { expect, test, vi } from 'vitest';
import { tensor } from '../../src/tensor/create.ts';
import { formatValues } from '../../src/tensor/format.ts';
import { testDevice } from '../support/device.ts';

const floats = (values: readonly number[], shape: readonly number[] = [values.length]) =>
  formatValues(Float32Array.from(values), shape, 'f32');
const range = (length: number) => Array.from({ length }, (_, i) => i);

test.each([
  [[0, 0, 0, 0, 0], '[0. 0. 0. 0. 0.]'],
  [[-0, 0.25, 0, -0.25], '[-0.    0.25  0.   -0.25]'],
  [[0.1, 0.13, -0.02], '[ 0.1   0.13 -0.02]'],
  [[-8274.01953125, 27558.080078125, 10412.4296875], '[-8274.02 27558.08 10412.43]'],
  [[Number.NaN, -197.2799530029297, -755.6708984375], '[       nan -197.27995 -755.6709 ]'],
  [[-Infinity, 515.7042846679688, -103.21893310546875], '[      -inf  515.7043  -103.21893]'],
  [
    [9.799668623600155e-5, 0.0006059405277483165, 0.0013732699444517493],
    '[9.7996686e-05 6.0594053e-04 1.3732699e-03]',
  ],
  [
    [13281845, -9020218, Number.NaN, 4783125, 10354364],
    '[ 1.3281845e+07 -9.0202180e+06            nan  4.7831250e+06\n  1.0354364e+07]',
  ],
])('numbers %j stand below each other, with the digits they need', (values, expected) => {
  expect(floats(values)).toBe(expected);
});

test('axes are nested in brackets, and long rows take several lines', () => {
  expect(floats([-1.5, 0, -1.25, 2.25, 0.25, 0.75], [1, 2, 3])).toBe(
    '[[[-1.5   0.   -1.25]\n  [ 2.25  0.25  0.75]]]',
  );
  expect(floats([1, 2, 3, 4], [2, 2, 1])).toBe('[[[1.]\n  [2.]]\n\n [[3.]\n  [4.]]]');
  expect(formatValues(Int32Array.of(94, 49, -4, -66), [2, 2], 'i32')).toBe('[[ 94  49]\n [ -4 -66]]');
  expect(
    floats([
      615.8713989257812, 4913.78369140625, 8686.595703125, -1742.312255859375, 12445.9599609375,
      486.7037353515625, 8377.9765625,
    ]),
  ).toBe('[  615.8714   4913.7837   8686.596   -1742.3123  12445.96      486.70374\n  8377.977  ]');
  expect(floats([], [0, 3])).toBe('[] of shape [0, 3]');
  expect(floats([2.5], [])).toBe('2.5');
});

test('of more than a thousand elements the outer ones are shown', () => {
  expect(
    formatValues(
      Uint8Array.from(range(1001), (i) => i % 256),
      [1001],
      'u8',
    ),
  ).toBe('[  0   1   2 ... 230 231 232]');
  expect(floats(range(2000))).toBe('[0.000e+00 1.000e+00 2.000e+00 ... 1.997e+03 1.998e+03 1.999e+03]');
  expect(formatValues(Int32Array.from(range(1400)), [7, 2, 100], 'i32').split('\n')).toEqual([
    '[[[   0    1    2 ...   97   98   99]',
    '  [ 100  101  102 ...  197  198  199]]',
    '',
    ' [[ 200  201  202 ...  297  298  299]',
    '  [ 300  301  302 ...  397  398  399]]',
    '',
    ' [[ 400  401  402 ...  497  498  499]',
    '  [ 500  501  502 ...  597  598  599]]',
    '',
    ' ...',
    '',
    ' [[ 800  801  802 ...  897  898  899]',
    '  [ 900  901  902 ...  997  998  999]]',
    '',
    ' [[1000 1001 1002 ... 1097 1098 1099]',
    '  [1100 1101 1102 ... 1197 1198 1199]]',
    '',
    ' [[1200 1201 1202 ... 1297 1298 1299]',
    '  [1300 1301 1302 ... 1397 1398 1399]]]',
  ]);
});

test('console.log says what a tensor is, print() says what it holds', async () => {
  const device = await testDevice();
  const x = tensor(device, range(8), [1, 2, 2, 2]);
  const what = `Tensor [1, 2, 2, 2] f32, channels-last, on ${device.info.name}`;
  expect([inspect(x), String(x)]).toEqual([what, what]);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await x.print();
  expect(log.mock.calls).toEqual([[`${what}\n[[[[0. 1.]\n   [2. 3.]]\n\n  [[4. 5.]\n   [6. 7.]]]]`]]);
  log.mockRestore();
  x.dispose();
  expect(inspect(x)).toBe(`${what}, disposed`);
});
