import { expect, test } from 'vitest';
import { numpyGlobals } from '../../../src/io/pickle/numpy.ts';
import { readPickle } from '../../../src/io/pickle/read-pickle.ts';

const text = (value: string) => Array.from(value, (letter) => letter.charCodeAt(0));
const read = (...body: number[]) => {
  const bytes = Uint8Array.from([0x80, 2, ...body]);
  return readPickle(bytes, { globals: numpyGlobals(bytes.length) });
};
const refusal = (...body: number[]) => {
  try {
    read(...body);
  } catch (error) {
    return (error as Error).message;
  }
  return 'read';
};

test.each([
  ['os', 'system'],
  ['posix', 'system'],
  ['builtins', 'eval'],
  ['__builtin__', 'exec'],
  ['subprocess', 'Popen'],
  ['numpy', 'load'],
  ['constructor', 'constructor'],
])('refuses the global %s.%s, in either form', (module, name) => {
  // c os\nsystem\n (X "echo" t R: what runs a command in Python.
  const call = [0x28, 0x58, 4, 0, 0, 0, ...text('echo'), 0x74, 0x52, 0x2e];
  expect(refusal(0x63, ...text(`${module}\n${name}\n`), ...call)).toContain(
    `"${module}.${name}", which is not on the list`,
  );
  const short = (value: string) => [0x8c, value.length, ...text(value)];
  expect(refusal(...short(module), ...short(name), 0x93, ...call)).toContain('nothing of it was run');
});

test('reads every kind of value', () => {
  // [None, True, -2, 300, -129 (LONG1), 1.5, 'ä', b'\x01', (1, 2), {'a': 1}, and the memo's first again]
  const value = read(
    ...[0x5d, 0x71, 0, 0x28, 0x4e, 0x88, 0x4a, 0xfe, 0xff, 0xff, 0xff, 0x4d, 0x2c, 1, 0x8a, 2, 0x7f, 0xff],
    ...[0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0x58, 2, 0, 0, 0, 0xc3, 0xa4, 0x43, 1, 1, 0x4b, 1, 0x4b, 2, 0x86],
    ...[0x7d, 0x8c, 1, 0x61, 0x4b, 1, 0x73, 0x65, 0x2e],
  );
  expect(value).toEqual([null, true, -2, 300, -129, 1.5, 'ä', Uint8Array.of(1), [1, 2], new Map([['a', 1]])]);
});

const repeat = (times: number, ...opcodes: number[]) => Array.from({ length: times }, () => opcodes).flat();

test.each([
  ['deep nesting', repeat(2000, 0x28), 'nested more than 100 deep'],
  ['values of another frame', [0x4b, 1, 0x28, 0x85], '1 value is needed, but 0 are there'],
  ['a memo that is empty', [0x68, 0], 'the memo holds nothing under 0'],
  ['a text of 4 GiB', [0x58, 0xff, 0xff, 0xff, 0xff], 'a text has 4294967295 bytes'],
  ['bytes of 16 EiB', [0x8e, ...repeat(8, 0xff)], 'the file is cut short'],
  ['a whole number of 255 bytes', [0x8a, 0xff, ...repeat(255, 1)], 'has 255 bytes, more than 8'],
  ['no end', [0x4b, 1], 'the file is cut short'],
  ['a call of what is no global', [0x4b, 1, 0x29, 0x52], 'what is called is no global'],
  ['a call of what cannot be called', [0x63, ...text('numpy\nndarray\n'), 0x29, 0x52], 'cannot be called so'],
  ['a state of what has none', [0x4b, 1, 0x4b, 2, 0x62], 'takes none'],
  ['a key that is a list', [0x7d, 0x5d, 0x4b, 1, 0x73], 'neither a text nor a number'],
  ['a key twice', [0x7d, ...repeat(2, 0x4b, 7, 0x4e, 0x73)], 'the key 7 occurs twice'],
  ['a persistent id', [0x4b, 1, 0x51], 'refers to data outside'],
  ['an unknown opcode', [0x50], 'opcode 0x50 is not one'],
  ['bytes that are no UTF-8', [0x8c, 1, 0xff], 'not valid UTF-8'],
  ['two values', [0x4e, 0x4e, 0x2e], '1 value is left over'],
])('refuses %s', (_, body, message) => {
  expect(refusal(...body)).toContain(message);
});

test('refuses other protocols, and what begins otherwise', () => {
  const options = { globals: {} };
  expect(() => readPickle(Uint8Array.of(0x80, 5, 0x4e, 0x2e), options)).toThrow(
    /protocol 5; read are 2, 3, 4/,
  );
  expect(() => readPickle(Uint8Array.of(0x4e, 0x2e), options)).toThrow(/does not begin/);
});

test('texts that are encoded again and again are refused: a small file would take all memory', () => {
  const encode = [0x63, ...text('_codecs\nencode\n'), 0x71, 0, 0x30];
  const long = [
    0x58,
    0,
    4,
    0,
    0,
    ...repeat(1024, 0x61),
    0x71,
    1,
    0x30,
    0x8c,
    6,
    ...text('latin1'),
    0x71,
    2,
    0x30,
  ];
  const again = repeat(100, 0x68, 0, 0x68, 1, 0x68, 2, 0x86, 0x52, 0x30);
  expect(refusal(...encode, ...long, ...again)).toContain('many times the memory of the file');
});
