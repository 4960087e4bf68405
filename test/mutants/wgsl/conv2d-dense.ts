/**
 * @file Faults of the dense convolutions by subgroups, by Winograd's tiles and by tiles in workgroup memory.
 */

import { BIAS, EPILOGUE, testsOf } from './epilogue.ts';
import { type Fault, fault, type MutatedKernel, type Selection } from './fault.ts';

/** Faults of the products of a subgroup. */
const SUBGROUP: readonly Fault[] = [
  fault('all lanes take the first block', 'lane % 4u + 4u)', 'lane % 4u)'),
  fault('the last row takes the one before', 'quadBroadcast(quad3, 3u)', 'quadBroadcast(quad3, 2u)'),
  fault(
    'the fourth step is left out',
    /sum15 \+= fma\((.*?), fma\((.*?), fma\((.*?), w2, .*? \* w3\)\)\);/,
    'sum15 += fma($1, fma($2, $3 * w2));',
  ),
  fault('a product replaces the sum', 'sum0 += fma', 'sum0 = fma'),
];

const subgroup: readonly MutatedKernel[] = [
  {
    kernel: 'conv2d.forward.subgroup',
    tests: testsOf('subgroup', 'forward'),
    faults: [
      ...SUBGROUP,
      ...BIAS,
      ...EPILOGUE,
      fault('rows outside of the image count', /row(\d) < u\.inHeight && /g, ''),
      fault('columns outside of the image count', / && column(\d) < u\.inWidth/g, ''),
      fault('no padding', /(let y\d = i32\(.*?\)) - i32\(u\.padTop\);/g, '$1;'),
      fault('no stride', /% u\.outWidth \* u\.strideX\)/g, '% u.outWidth)'),
      fault('no dilation', /ky \* i32\(u\.dilationY\)/g, 'ky'),
      fault('the last row of taps is left out', 'ky < i32(u.kernelHeight)', 'ky + 1 < i32(u.kernelHeight)'),
      fault('the last channel block is left out', 'c < u.inBlocks;', 'c + 1u < u.inBlocks;'),
      fault(
        'the last of 16 pixels is left out',
        'if (first + 15u < u.pixels)',
        'if (first + 16u < u.pixels)',
      ),
      fault('the last column is left out', 'if (column < u.outBlocks)', 'if (column + 1u < u.outBlocks)'),
      fault('all columns are in the first tile', /tile % u\.columnTiles \* (\d+)u/, '0u'),
    ],
  },
  {
    kernel: 'conv2d.backwardInput.subgroup',
    tests: testsOf('subgroup'),
    faults: [
      ...SUBGROUP,
      fault(
        'phases are swapped',
        'phaseY = workgroup.z / u32(u.strideX)',
        'phaseY = workgroup.z % u32(u.strideX)',
      ),
      fault('every column meets every tap', ' && shiftX % i32(u.strideX) == 0', ''),
      fault('rows outside of the output count', /row(\d) < u\.outHeight && /g, ''),
      fault('columns outside of the output count', / && column(\d) < u\.outWidth/g, ''),
      fault(
        'pixels outside of the image are written',
        'row < u.inHeight && column < u.inWidth',
        'row < u.inHeight',
      ),
      fault('the filter is not transposed', 'vec4f(c0[1], c1[1]', 'vec4f(c1[0], c1[1]'),
      fault('no padding', '+ i32(u.padLeft)', ''),
      fault('the last block of outputs is left out', 'o < steps;', 'o + 1u < steps;'),
      fault('the last column is left out', 'if (own < u.inBlocks)', 'if (own + 1u < u.inBlocks)'),
    ],
  },
  {
    kernel: 'conv2d.backwardWeight.subgroup',
    tests: testsOf('subgroup'),
    faults: [
      fault('all lanes take the first block', 'lane % 4u + 4u)', 'lane % 4u)'),
      fault('the fourth pixel is left out', 'fma(vec4f(b2[0]), w2, b3[0] * w3)', '(b2[0] * w2)'),
      fault('a product replaces the sum', 'sum0 += fma', 'sum0 = fma'),
      fault('columns outside of the image count', / && column(\d) < u\.inWidth/g, ''),
      fault('rows outside of the image count', 'inRow && ', ''),
      fault('pixels beyond the line count', / && own(\d) < u\.outWidth/g, ''),
      fault('pixels beyond the part count', /let inside(\d) = own\d < end;/g, 'let inside$1 = true;'),
      fault('the last line is left out', 'line < last;', 'line + 1u < last;'),
      fault('all parts are the first', 'let first = (part * u.rowBlocks + rowBlock)', 'let first = rowBlock'),
      fault('all images are the first', 'line / u.outHeight * u.inHeight', '0u'),
      fault('no padding', ' - i32(u.padTop)', ''),
      fault('the last column is left out', 'if (column < u.outBlocks)', 'if (column + 1u < u.outBlocks)'),
    ],
  },
];

const WINOGRAD: readonly Selection[] = [{ file: 'kernels/winograd.test.ts' }];

const winograd: readonly MutatedKernel[] = [
  {
    kernel: 'conv2d.winograd.weight',
    tests: WINOGRAD,
    faults: [
      fault('a half is whole', '(0.5 * (g0 - g3 + g6))', '(g0 - g3 + g6)'),
      fault('a sign', '(0.5 * (g0 - g3 + g6))', '(0.5 * (g0 - g3 - g6))'),
      fault('the last place is the first', '(15u * u.inBlocks', '(14u * u.inBlocks'),
      fault('two taps are swapped', '(1u * u.outBlocks + block)', '(2u * u.outBlocks + block)'),
      fault('the filter is not transposed', '* u.inBlocks * 4u + row]', '* u.inBlocks * 4u + (row ^ 1u)]'),
      fault(
        'the last channel is left out',
        'if (row >= u.inBlocks * 4u)',
        'if (row + 1u >= u.inBlocks * 4u)',
      ),
    ],
  },
  {
    kernel: 'conv2d.winograd.input',
    tests: WINOGRAD,
    faults: [
      fault('rows outside of the image count', /row(\d) < u\.inHeight && /g, ''),
      fault('columns outside of the image count', / && column(\d) < u\.inWidth/g, ''),
      fault('a sign', '(d10 + d20)', '(d10 - d20)'),
      fault('no padding', /u32\(i32\(tileY \* 2u \+ (\d)u\) - \d+\)/g, 'u32(i32(tileY * 2u + $1u))'),
      fault('patches do not overlap', 'tileX * 2u + 2u', 'tileX * 2u + 3u'),
      fault('all images are the first', 'let image = tile / (u.tilesY * u.tilesX);', 'let image = 0u;'),
      fault('the last tile is left out', 'if (tile >= u.tiles)', 'if (tile + 1u >= u.tiles)'),
    ],
  },
  {
    kernel: 'conv2d.winograd.product',
    tests: WINOGRAD,
    faults: [
      ...SUBGROUP,
      fault('all places are the first', 'let place = workgroup.z;', 'let place = workgroup.z * 0u;'),
      fault('the last channel block is left out', 'c < u.inBlocks;', 'c + 1u < u.inBlocks;'),
      fault('the last of 16 tiles is left out', 'if (first + 15u < u.tiles)', 'if (first + 16u < u.tiles)'),
      fault('the last column is left out', 'if (column < u.outBlocks)', 'if (column + 1u < u.outBlocks)'),
    ],
  },
  {
    kernel: 'conv2d.winograd.output',
    tests: [{ file: 'kernels/epilogue.test.ts', only: "the 'winograd' kernels" }, ...WINOGRAD],
    faults: [
      ...BIAS,
      ...EPILOGUE,
      fault('a sign', '(m10 - m20 - m30)', '(m10 - m20 + m30)'),
      fault('a place is left out', '(m00 + m10 + m20)', '(m00 + m10)'),
      fault('rows beyond the last one are written', '< u.outHeight && ', '<= u.outHeight && '),
      fault('columns beyond the last one are written', '< u.outWidth) {', '<= u.outWidth) {'),
      fault('all images are the first', 'let image = tile / (u.tilesY * u.tilesX);', 'let image = 0u;'),
    ],
  },
];

const tiledTests = (pass?: 'forward'): readonly Selection[] => [
  { file: 'kernels/tiled.test.ts' },
  ...testsOf('tiled 32×32/4×4', pass),
  { file: 'kernels/conv2d.test.ts', only: "the 'tiled .* kernels agree with float64:" },
];

/** Faults of the loop over a long sum. */
const SUM_LOOP: readonly Fault[] = [
  fault('no barrier before the products', /workgroupBarrier\(\);(?=\s+\{\s+let [wab]0)/, ''),
  fault('no barrier after the products', /workgroupBarrier\(\);(?=\s+\}\s+let isWhole)/, ''),
  fault('a long sum forgets its beginning', / whole \+= \w+\[place\];/g, ''),
  fault('a short sum adds what was there', /if \(step > \d+u\) \{ (whole \+= \w+\[place\];) \}/g, '$1'),
  fault(
    'a long sum counts its beginning twice',
    /if \(isWhole\) \{ break; \}[^}]*\}/,
    'if (isWhole) { break; } }',
  ),
];

const tiled: readonly MutatedKernel[] = [
  {
    kernel: 'conv2d.forward.tiled',
    tests: tiledTests('forward'),
    faults: [
      ...SUM_LOOP,
      ...BIAS,
      ...EPILOGUE,
      fault('rows outside of the image count', /u32\(row(\d)\) < u\.inHeight && /g, ''),
      fault('columns outside of the image count', / && u32\(column(\d)\) < u\.inWidth/g, ''),
      fault('channels beyond the sum count', / && step \+ ownBlock < sumBlocks/g, ''),
      fault('no padding', /(var row\d = i32\(.*?\)) - \d+;/g, '$1;'),
      fault('the next row of taps begins late', 'kx = 0u;', 'kx = 1u;'),
      fault('pixels beyond the last one are written', /if \(pixel < u\.pixels\)/g, 'if (pixel <= u.pixels)'),
      fault('a thread loads a pixel twice', 'x[at1]', 'x[at0]'),
      fault('a thread loads a weight twice', 'weight[min(from1', 'weight[min(from0'),
      fault('a thread takes its first column twice', 'let w3_1 = tileB[', 'let w3_1 = w3_0 + 0.0 * tileB['),
    ],
  },
  {
    kernel: 'conv2d.backwardInput.tiled',
    tests: tiledTests(),
    faults: [
      ...SUM_LOOP,
      fault('phases are swapped', /phaseY = workgroup\.z \/ u32\((\d+)\)/, 'phaseY = workgroup.z % $1u'),
      fault('rows outside of the output count', /u32\(row(\d)\) < u\.outHeight && /g, ''),
      fault('columns outside of the output count', / && u32\(column(\d)\) < u\.outWidth/g, ''),
      fault('channels beyond the sum count', / && step \+ ownBlock < sumBlocks/g, ''),
      fault('the phase begins at the first tap', /while \(firstY < .*/, ''),
      fault('one tap too many', /let tapsX = (.*);/, 'let tapsX = $1 + 1u;'),
      fault('the last of four channels is the third', 'fma(a0.w, b0.w,', 'fma(a0.w, b0.z,'),
      fault('a thread loads a pixel twice', 'dy[at1]', 'dy[at0]'),
      fault('a thread loads a weight twice', 'weight[min(from1', 'weight[min(from0'),
    ],
  },
  {
    kernel: 'conv2d.backwardWeight.tiled',
    tests: tiledTests(),
    faults: [
      ...SUM_LOOP,
      fault('rows outside of the image count', /u32\(row(\d)\) < u\.inHeight && /g, ''),
      fault('columns outside of the image count', / && u32\(column(\d)\) < u\.inWidth/g, ''),
      fault('pixels beyond the part count', / && pixel(\d) < last/g, ''),
      fault('all parts are the first', 'let first = part * u.pixelsPerPart;', 'let first = 0u;'),
      fault('a line does not end', /if \(column(\d) >= width \+ shiftX\) \{.*?\}/g, ''),
      fault('an image does not end', /if \(row(\d) >= height \+ shiftY\) \{.*?\}/g, ''),
      fault('no padding', /(let shiftY = .*) - \d+;/, '$1;'),
      fault('rows beyond the last one are written', /< u\.rowBlocks\) \{/g, '<= u.rowBlocks) {'),
      fault('a thread loads a pixel of x twice', 'x[at1]', 'x[at0]'),
      fault('a thread loads a pixel of dy twice', 'dy[min(from1', 'dy[min(from0'),
    ],
  },
];

export const DENSE: readonly MutatedKernel[] = [...subgroup, ...winograd, ...tiled];
