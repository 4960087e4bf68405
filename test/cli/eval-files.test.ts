/**
 * @file What `fovea eval` prints and writes of an evaluation.
 */

import { expect, test } from 'vitest';
import { challengeCsv } from '../../src/cli/challenge-csv.ts';
import { classesLines, judgementLines } from '../../src/cli/judgement-tables.ts';
import { classFigures } from '../../src/judge/classes.ts';
import { judge } from '../../src/judge/judgement.ts';

test("the challenge's table: a name and a risk a line, quoted where a name needs it", () => {
  const prediction = {
    ...{ names: ['V0001.jpg', 'a,"b\n.jpg'], classDim: 1, logits: new Float32Array(2) },
    probabilities: Float32Array.of(0.25, 1),
  };
  expect(challengeCsv(prediction, [])).toBe('FileName,PM Risk\nV0001.jpg,0.25\n"a,""b\n.jpg",1\n');
  const three = { ...prediction, names: ['x'], classDim: 2 };
  expect(challengeCsv(three, ['a', 'b'])).toBe('FileName,a,b\nx,0.25,1\n');
});

test('two classes: the interval, a row per threshold, calibration and groups', () => {
  const names = ['P1.jpg', 'N1.jpg', 'P2.jpg', 'H1.jpg'];
  const lines = judgementLines(judge({ names, labels: [1, 0, 1, 0], logits: [2, -1, -0.5, -2] }));
  expect(lines[0]).toBe('AUC 1.0000 (95 % interval 1.0000 to 1.0000), average precision 1.0000');
  expect(lines[2]).toMatch(/^at +threshold +sensitivity +specificity +precision +F1 +accuracy +TP FP TN FN$/);
  expect(lines[4]).toMatch(/^0\.5 +0\.5000 +0\.5000 +1\.0000 +1\.0000 +0\.6667 +0\.7500 +1 0 2 1$/);
  expect(lines[5]).toMatch(/^best Youden +0\.3775 +1\.0000/);
  expect(lines[6]).toMatch(/^sensitivity 0\.95 +0\.3775/);
  expect(lines[8]).toMatch(
    /^Calibration error 0\.\d{4}, Brier score 0\.\d{4}; at temperature 0\.\d{3}, fitted here/,
  );
  expect(lines.slice(-3).map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
    ['H, high myopia', '1', '0', '–'],
    ['N, normal', '1', '0', '–'],
    ['P, pathologic myopia', '2', '2', '–'],
  ]);
  expect(Math.max(...lines.slice(2, 7).map(({ length }) => length))).toBeLessThanOrEqual(100);
});

test('more classes: a row each, their means, and the confusion matrix', () => {
  const lines = classesLines(classFigures([0.9, 0.1, 0.2, 0.8, 0.6, 0.4], [0, 1, 1], ['a', 'b']));
  expect(lines[2]).toMatch(/^a +1 +0\.5000 +1\.0000 +0\.6667 +1\.0000$/);
  expect(lines[5]).toMatch(/^mean over classes +0\.7500 +0\.7500/);
  expect(lines.at(-1)).toMatch(/^b +1 +1$/);
});
