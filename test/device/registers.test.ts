import { describe, expect, test } from 'vitest';
import { sumsPerThread } from '../../src/device/registers.ts';

const adapter = (vendor: string, architecture = '', name = '') => ({ vendor, architecture, name });

describe('16 sums are what a thread can keep', () => {
  test.each([
    adapter('arm', 'valhall', 'Mali-G78'),
    adapter('arm', 'bifrost'),
    adapter('arm', 'gen-5'),
    adapter('arm'),
    adapter('', '', 'Mali-G610 MC4'),
    adapter('5045', '', 'Immortalis-G715'),
  ])('for $vendor $architecture $name', (names) => {
    expect(sumsPerThread(names)).toBe(16);
  });
});

describe('32 are', () => {
  test.each([
    adapter('qualcomm', 'adreno-7xx'),
    adapter('samsung', 'rdna-3'),
    adapter('img-tec', 'rogue'),
    adapter('intel', 'gen-7'),
    adapter('intel', 'gen-9'),
    adapter('intel', 'gen-11'),
    adapter('20803', '', 'Adreno (TM) 750'),
    adapter('', '', 'Samsung Xclipse 940'),
    adapter('4112', '', 'PowerVR B-Series BXM-8-256'),
  ])('for $vendor $architecture $name', (names) => {
    expect(sumsPerThread(names)).toBe(32);
  });
});

describe('64 are', () => {
  test.each([
    adapter('apple', 'metal-3'),
    adapter('nvidia', 'ampere', 'NVIDIA GeForce RTX 3060'),
    adapter('amd', 'rdna-3', 'AMD Radeon RX 7900 XTX'),
    adapter('intel', 'gen-12lp'),
    adapter('intel', 'xe-2hpg'),
    adapter('intel', '', 'an Intel GPU newer than the table'),
    adapter('mesa', 'software', 'llvmpipe'),
    adapter('google', 'swiftshader'),
    adapter('', '', 'normalised name of no family'),
    adapter('a vendor that nobody knows'),
  ])('for $vendor $architecture $name', (names) => {
    expect(sumsPerThread(names)).toBe(64);
  });
});
