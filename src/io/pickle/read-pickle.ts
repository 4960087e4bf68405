/**
 * @file Reads pickles of protocols 2 to 4 without running anything: an opcode does here what it says, and a global is one of a list,
 * or the file is refused.
 *
 * Source: Python's `Lib/pickletools.py`, which documents every opcode.
 */

import { check, FoveaError, messageOf } from '../../errors.ts';
import { PickleInput } from './input.ts';
import { type PickleGlobals, PickleMachine, putItems } from './machine.ts';
import * as op from './opcodes.ts';

/** What a pickle may hold. */
export interface PickleOptions {
  /** What it may name. */
  readonly globals: PickleGlobals;
  /** What a persistent id stands for; without this there may be none. Throws FoveaErrors. */
  readonly persistent?: (id: unknown) => unknown;
}

/** A ResNet-152 takes a hundredth; each puts at most one value into memory. */
const MAX_OPERATIONS = 2 ** 22;
const PROTOCOLS = [2, 3, 4];

type Operation = (machine: PickleMachine, input: PickleInput, options: PickleOptions) => void;

const OPERATIONS: Readonly<Record<number, Operation>> = {
  [op.PROTO]: (_, input) => checkProtocol(input.u8()),
  [op.FRAME]: (_, input) => void input.u64(),
  [op.MARK]: (machine) => machine.mark(),
  [op.POP]: (machine) => void machine.pop(),
  [op.POP_MARK]: (machine) => void machine.popMark(),

  [op.NONE]: (machine) => machine.push(null),
  [op.NEWTRUE]: (machine) => machine.push(true),
  [op.NEWFALSE]: (machine) => machine.push(false),
  [op.BININT]: (machine, input) => machine.push(input.i32()),
  [op.BININT1]: (machine, input) => machine.push(input.u8()),
  [op.BININT2]: (machine, input) => machine.push(input.u16()),
  [op.LONG1]: (machine, input) => machine.push(input.integer(input.u8())),
  [op.LONG4]: (machine, input) => machine.push(input.integer(input.u32())),
  [op.BINFLOAT]: (machine, input) => machine.push(input.f64()),

  [op.BINUNICODE]: (machine, input) => machine.push(input.text(input.u32())),
  [op.SHORT_BINUNICODE]: (machine, input) => machine.push(input.text(input.u8())),
  [op.BINUNICODE8]: (machine, input) => machine.push(input.text(input.u64())),
  // Python 2 had one type for texts and bytes: ASCII names, and the contents of arrays.
  [op.BINSTRING]: (machine, input) => machine.push(textOrBytes(input.bytes(input.u32()))),
  [op.SHORT_BINSTRING]: (machine, input) => machine.push(textOrBytes(input.bytes(input.u8()))),
  [op.BINBYTES]: (machine, input) => machine.push(input.bytes(input.u32())),
  [op.SHORT_BINBYTES]: (machine, input) => machine.push(input.bytes(input.u8())),
  [op.BINBYTES8]: (machine, input) => machine.push(input.bytes(input.u64())),

  [op.EMPTY_DICT]: (machine) => machine.push(new Map()),
  [op.EMPTY_LIST]: (machine) => machine.push([]),
  [op.EMPTY_TUPLE]: (machine) => machine.push([]),
  [op.DICT]: (machine) => machine.push(putItems(new Map(), machine.popMark())),
  [op.LIST]: (machine) => machine.push(machine.popMark()),
  [op.TUPLE]: (machine) => machine.push(machine.popMark()),
  [op.TUPLE1]: (machine) => machine.push(machine.popSome(1)),
  [op.TUPLE2]: (machine) => machine.push(machine.popSome(2)),
  [op.TUPLE3]: (machine) => machine.push(machine.popSome(3)),
  [op.APPEND]: (machine) => machine.append(machine.popSome(1)),
  [op.APPENDS]: (machine) => machine.append(machine.popMark()),
  [op.SETITEM]: (machine) => machine.setItems(machine.popSome(2)),
  [op.SETITEMS]: (machine) => machine.setItems(machine.popMark()),

  [op.BINPUT]: (machine, input) => machine.memoize(input.u8()),
  [op.LONG_BINPUT]: (machine, input) => machine.memoize(input.u32()),
  [op.MEMOIZE]: (machine) => machine.memoize(),
  [op.BINGET]: (machine, input) => machine.recall(input.u8()),
  [op.LONG_BINGET]: (machine, input) => machine.recall(input.u32()),

  [op.GLOBAL]: (machine, input) => machine.global(input.line(), input.line()),
  [op.STACK_GLOBAL]: (machine) => {
    const [module, name] = machine.popSome(2);
    machine.global(module, name);
  },
  [op.REDUCE]: (machine) => machine.reduce(),
  [op.BUILD]: (machine) => machine.build(),
  [op.BINPERSID]: (machine, _, { persistent }) => {
    check(persistent !== undefined, 'bad-file', () => 'it refers to data outside of the file');
    machine.push(persistent(machine.pop()));
  },
};

/**
 * The value of a pickle: texts, numbers, booleans, null; `Uint8Array`s, which share memory with `bytes`; arrays for lists and
 * tuples, `Map`s for dicts; and what the globals make. Bytes after it are not looked at.
 *
 * Throws 'bad-file', naming the place, for whatever it does not understand, and for a global that is not on the list.
 */
export function readPickle(bytes: Uint8Array, options: PickleOptions): unknown {
  const input = new PickleInput(bytes);
  const machine = new PickleMachine(options.globals);
  let start = 0;
  try {
    for (let operations = 0; ; operations++) {
      start = input.position;
      const opcode = input.u8();
      check(
        start > 0 || opcode === op.PROTO,
        'bad-file',
        () => 'it does not begin as pickles of protocol 2 or later do',
      );
      if (opcode === op.STOP) return machine.result();
      check(operations < MAX_OPERATIONS, 'bad-file', () => `it has more than ${MAX_OPERATIONS} operations`);
      const operation = OPERATIONS[opcode];
      check(
        operation !== undefined,
        'bad-file',
        () => `opcode 0x${opcode.toString(16)} is not one that weights need`,
      );
      operation(machine, input, options);
    }
  } catch (cause) {
    if (!(cause instanceof FoveaError)) throw cause;
    throw new FoveaError('bad-file', `pickle, byte ${start}: ${messageOf(cause)}.`, { cause });
  }
}

function checkProtocol(protocol: number): void {
  check(PROTOCOLS.includes(protocol), 'bad-file', () => {
    return `it is of protocol ${protocol}; read are ${PROTOCOLS.join(', ')}: save it with protocol=4`;
  });
}

const ASCII_END = 0x80;
/** Longer ones are never names. */
const MAX_NAME_BYTES = 1024;

function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  const isText = bytes.length <= MAX_NAME_BYTES && bytes.every((byte) => byte < ASCII_END);
  return isText ? String.fromCharCode(...bytes) : bytes;
}
