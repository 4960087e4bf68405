/**
 * @file Faults of the convolutions by the plain, grouped and depthwise kernels, and of the sum of weight gradients.
 */

import { BIAS, EPILOGUE, testsOf } from './epilogue.ts';
import { fault, type MutatedKernel } from './fault.ts';

const plain: readonly MutatedKernel[] = [
  {
    kernel: 'conv2d.forward.plain',
    tests: testsOf('plain', 'forward'),
    faults: [
      ...BIAS,
      ...EPILOGUE,
      fault('rows outside of the image count', /row(\d) < u\.inHeight && /g, ''),
      fault('columns outside of the image count', / && column(\d) < u\.inWidth/g, ''),
      fault('no padding above', /(let y\d = i32\(.*?\)) - i32\(\d+\);/g, '$1;'),
      fault('no padding on the left', /(let x\d = i32\(.*?\)) - i32\(\d+\);/g, '$1;'),
      fault('no stride', /% u\.outWidth \* \d+\)/g, '% u.outWidth)'),
      fault('no dilation of rows', /ky \* i32\(\d+\)/g, 'ky'),
      fault('no dilation of columns', /kx \* i32\(\d+\)/g, 'kx'),
      fault('the last column of taps is left out', /kx < i32\((\d+)\)/, 'kx + 1 < i32($1)'),
      fault('the last channel block is left out', 'c < u.groupInBlocks', 'c + 1u < u.groupInBlocks'),
      fault('the fourth channel is left out', 'fma(vec4f(v.z), w2, v.w * w3)', '(v.z * w2)'),
      fault('a product replaces the sum', 'sum0 += fma', 'sum0 = fma'),
      fault('all groups read the first', 'block / u.groupOutBlocks * u.groupInBlocks', '0u'),
      fault('all images are the first', /pixel(\d) \/ \(u\.outHeight \* u\.outWidth\) \* u\.inHeight/g, '0u'),
      fault(
        'the last of eight pixels is left out',
        'if (first + 7u < u.pixels)',
        'if (first + 8u < u.pixels)',
      ),
    ],
  },
  {
    kernel: 'conv2d.backwardInput.plain',
    tests: testsOf('plain'),
    faults: [
      fault('phases are swapped', /phaseY = workgroup\.z \/ u32\((\d+)\)/, 'phaseY = workgroup.z % $1u'),
      fault('every row meets every tap', /shiftY % i32\(\d+\) == 0 && /, ''),
      fault('every column meets every tap', / && shiftX % i32\(\d+\) == 0/, ''),
      fault('rows outside of the output count', /row(\d) < u\.outHeight && /g, ''),
      fault('columns outside of the output count', / && column(\d) < u\.outWidth/g, ''),
      fault(
        'pixels outside of the image are written',
        'row < u.inHeight && column < u.inWidth',
        'row < u.inHeight',
      ),
      fault('no padding', /i32\(phaseX\) \+ i32\(\d+\)/, 'i32(phaseX)'),
      fault('no dilation', /ky \* i32\(\d+\)/, 'ky'),
      fault('the fourth channel is the third', 'dot(v, w3))', 'dot(v, w2))'),
      fault('the last block of outputs is left out', 'o < steps;', 'o + 1u < steps;'),
      fault(
        'all groups read the first',
        'let outBlock = group * u.groupOutBlocks;',
        'let outBlock = group * 0u;',
      ),
      fault('all images are the first', /let image(\d) = .*;/g, 'let image$1 = 0u;'),
      fault('a product replaces the sum', 'sum0 += vec4f(dot', 'sum0 = vec4f(dot'),
    ],
  },
  {
    kernel: 'conv2d.backwardWeight.plain',
    tests: testsOf('plain'),
    faults: [
      fault('the last pixel is left out', 'pixel < last;', 'pixel + 1u < last;'),
      fault('all parts are the first', 'let row = part * u.weightBlocks + ', 'let row = '),
      fault('rows outside of the image count', 'row >= u.inHeight || ', ''),
      fault('columns outside of the image count', ' || column >= u.inWidth', ''),
      fault(
        'all groups read the first',
        'outBlock / u.groupOutBlocks * u.groupInBlocks + inBlock',
        'inBlock',
      ),
      fault('no padding', /(let shiftY = .*) - \d+;/, '$1;'),
      fault('no dilation', /(let shiftX = i32\(.*?\)) \* \d+/, '$1'),
      fault('no stride', /% u\.outWidth \* \d+u/, '% u.outWidth'),
      fault('all images are the first', 'let image = pixel / (u.outHeight * u.outWidth);', 'let image = 0u;'),
      fault(
        'a product replaces the sum',
        'sum0 = fma(vec4f(v0[0]), gradient, sum0)',
        'sum0 = v0[0] * gradient',
      ),
      fault('the eighth channel is the seventh', 'vec4f(v1[3])', 'vec4f(v1[2])'),
    ],
  },
  {
    kernel: 'conv2d.backwardWeight.sum',
    tests: testsOf('plain'),
    faults: [
      fault('the second part is left out', 'var part = 1u;', 'var part = 2u;'),
      fault('the last part is left out', 'part < u.parts;', 'part + 1u < u.parts;'),
      fault('the last part replaces the sum', 'sum += parts', 'sum = parts'),
      fault('the last block is left out', 'if (thread >= u.blocks)', 'if (thread + 1u >= u.blocks)'),
    ],
  },
];

const grouped: readonly MutatedKernel[] = [
  {
    kernel: 'conv2d.forward.grouped',
    tests: testsOf('grouped', 'forward'),
    faults: [
      ...BIAS,
      ...EPILOGUE,
      fault('rows outside of the image count', 'row < u.inHeight && ', ''),
      fault('columns outside of the image count', ' && column < u.inWidth', ''),
      fault('no padding', /(let originY = .*) - \d+;/, '$1;'),
      fault('no stride', /% u\.outWidth \* \d+u\)/, '% u.outWidth)'),
      fault('no dilation', /ky \* \d+/, 'ky'),
      fault('all groups read the first', /at \+ channel \/ \d+u \* \d+u/, 'at'),
      fault('the fourth channel is left out', 'component < 4u', 'component < 3u'),
      fault('padding is summed', 'if (channel >= u.outChannels) { break; }', ''),
      fault('a tap replaces the sum', 'sum[component] += part;', 'sum[component] = part;'),
    ],
  },
  {
    kernel: 'conv2d.backwardInput.grouped',
    tests: testsOf('grouped'),
    faults: [
      fault('every row meets every tap', /row % \d+ == 0 && /, ''),
      fault('outputs before the first count', 'row >= 0 && ', ''),
      fault('outputs beyond the last count', /\s+&& row \/ \d+ < i32\(u\.outHeight\)/, ''),
      fault('no padding', /(let y = .*) \+ \d+;/, '$1;'),
      fault('no dilation', /kx \* \d+/, 'kx'),
      fault('all groups read the first', /let first = channel \/ \d+u \* /, 'let first = 0u * '),
      fault('all rows of a group are the first', /channel % \d+u/, '0u'),
      fault('the fourth channel is left out', 'component < 4u', 'component < 3u'),
      fault('a tap replaces the sum', 'sum[component] += part;', 'sum[component] = part;'),
    ],
  },
  {
    kernel: 'conv2d.backwardWeight.grouped',
    tests: testsOf('grouped'),
    faults: [
      fault('the last pixel is left out', 'pixel < last;', 'pixel + 1u < last;'),
      fault('rows outside of the image count', 'row >= u.inHeight || ', ''),
      fault('columns outside of the image count', ' || column >= u.inWidth', ''),
      fault('padding is written', 'dw[thread] = select(vec4f(), sum, real);', 'dw[thread] = sum;'),
      fault('padded rows are written', / & vec4<bool>\(c < \d+u\)/, ''),
      fault('all groups read the first', /channels \/ \d+u \* \d+u \+ c/, 'vec4u(c)'),
      fault('no padding', /(let shiftX = .*) - \d+;/, '$1;'),
      fault('no stride', /% u\.outHeight \* \d+u\)/, '% u.outHeight)'),
      fault(
        'a product replaces the sum',
        'fma(values, dy[pixel * u.outBlocks + block], sum)',
        'values * dy[pixel * u.outBlocks + block]',
      ),
      fault('the fourth channel is the third', 'x[at + source.w]', 'x[at + source.z]'),
    ],
  },
];

const depthwise: readonly MutatedKernel[] = [
  {
    kernel: 'conv2d.forward.depthwise',
    tests: testsOf('depthwise', 'forward'),
    faults: [
      ...BIAS,
      ...EPILOGUE,
      fault('rows outside of the image count', /let columnInRow = .*;/g, 'let columnInRow = true;'),
      fault(
        'columns outside of the image count',
        /let columnInside(\d) = .*;/g,
        'let columnInside$1 = true;',
      ),
      fault('the last row is left out', 'unit < lastRow;', 'unit + 1 < lastRow;'),
      fault('a strip begins at its first row', /unit = firstRow - \d+;/, 'unit = firstRow;'),
      fault('sums do not begin anew', /sum(\d)_(\d+) = start;(\s*\}?\s*\}\s*)$/m, '$3'),
      fault('all images are the first', /let image = strip \/ .*;/, 'let image = 0u * strip;'),
      fault(
        'rows beyond the strip below are written',
        /if \(row < u\.outHeight\)/g,
        'if (row <= u.outHeight)',
        undefined,
      ),
      fault('the fourth channel is left out', /v\.w \* w(\d+)_3/g, '0.0 * w$1_3'),
      fault('the last tap is the first', /let w8 = weight\[32u/, 'let w8 = weight[0u'),
    ],
  },
  {
    kernel: 'conv2d.backwardInput.depthwise',
    tests: testsOf('depthwise'),
    faults: [
      fault('rows outside of the output count', /let columnInRow = .*;/g, 'let columnInRow = true;'),
      fault(
        'columns outside of the output count',
        /let columnInside(\d) = .*;/g,
        'let columnInside$1 = true;',
      ),
      fault('the last row is left out', 'unit < lastRow;', 'unit + 1 < lastRow;'),
      fault('a strip begins at its first row', /unit = firstRow - \d+;/, 'unit = firstRow;'),
      fault('all images are the first', /let image = strip \/ .*;/, 'let image = 0u * strip;'),
      fault(
        'the filter is not transposed',
        /vec4f\(dot\(v, w(\d+)_0\), dot\(v, w\d+_1\)/g,
        'vec4f(dot(v, w$1_1), dot(v, w$1_0)',
      ),
      fault('columns beyond the last one are written', / < u\.inWidth\) \{/g, ' <= u.inWidth) {'),
      fault('the last tap is the first', /let w8 = weight\[32u/, 'let w8 = weight[0u'),
    ],
  },
  {
    kernel: 'conv2d.backwardWeight.depthwise',
    tests: testsOf('depthwise'),
    faults: [
      fault('the last strip is left out', 'strip < lastStrip;', 'strip + 1u < lastStrip;'),
      fault('strips beyond the last one count', /min\((\(part \+ 1u\) \* u\.stripsPerPart), .*?\);/, '$1;'),
      fault('gradients of the strip below count', / && unit \+ \d+ < lastRow;/g, ';'),
      fault(
        'columns outside of the image count',
        /let columnInside(\d) = .*;/g,
        'let columnInside$1 = true;',
      ),
      fault(
        'columns outside of the output count',
        /let gradientInside(\d) = .*;/g,
        'let gradientInside$1 = true;',
      ),
      fault('all parts are the first', 'let first = part *', 'let first = 0u *'),
      fault(
        'a depthwise filter has garbage for padding',
        /for \(var row = 0u; row < \d+u; row\+\+\) \{ dw.*? \}/,
        '',
      ),
      fault('a product replaces the sum', 'sum0_0 += ', 'sum0_0 = '),
    ],
  },
];

export const CONV2D: readonly MutatedKernel[] = [...plain, ...grouped, ...depthwise];
