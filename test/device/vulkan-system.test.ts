import { afterEach, describe, expect, test, vi } from 'vitest';
import { opensLibrary } from '../../src/device/node/vulkan-system.ts';

const MISSING = 'libnothing.so.1: cannot open shared object file: No such file or directory';

describe.runIf(process.platform === 'linux')('a library', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  test('is opened by name, or not', () => {
    expect(opensLibrary('libm.so.6', 1)).toBe(true);
    expect(opensLibrary('libnothing.so.1', 1)).toBe(false);
  });

  // What each runtime says of a library that is there, and is no module of Node's.
  test.each([
    ['Node', "Module did not self-register: 'libvulkan.so.1'."],
    ['Bun', "symbol 'napi_register_module_v1' not found in native module. Is this a Node API (napi) module?"],
  ])('is there by what %s says', (_, message) => {
    const dlopen = vi.spyOn(process, 'dlopen').mockImplementation(() => {
      throw new TypeError(message);
    });
    expect(opensLibrary('libvulkan.so.1', 1)).toBe(true);
    dlopen.mockImplementation(() => {
      throw new Error(MISSING);
    });
    expect(opensLibrary('libnothing.so.1', 1)).toBe(false);
  });

  test('is opened by Deno as such, since its process.dlopen takes no names', () => {
    const dlopen = vi.fn();
    vi.stubGlobal('Deno', { dlopen });
    expect(opensLibrary('libvulkan.so.1', 1)).toBe(true);
    expect(dlopen).toHaveBeenCalledWith('libvulkan.so.1', {});
    dlopen.mockImplementation(() => {
      throw new Error(`Could not open library: ${MISSING}`);
    });
    expect(opensLibrary('libnothing.so.1', 1)).toBe(false);
  });
});
