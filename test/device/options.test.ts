import { describe, expect, test } from 'vitest';
import { type CreateDeviceOptions, openTunedDevice } from '../../src/create-device.ts';
import type { AdapterSource } from '../../src/device/adapter-source.ts';

/** Has no adapter: options are looked at before. */
const nowhere: AdapterSource = {
  requestAdapter: () => Promise.reject(new Error('asked for an adapter')),
  languageFeatures: async () => new Set(),
};
const open = (options: object) =>
  openTunedDevice(
    nowhere,
    { load: async () => undefined, save: async () => {} },
    options as CreateDeviceOptions,
  );

describe('the options of a device', () => {
  test.each([
    [{ adapter: 'bogus' }, "adapter of createDevice is 'bogus': it must be 'auto', 'hardware' or 'software'"],
    [{ adapter: null }, 'adapter of createDevice is null'],
    [{ memoryLimit: Number.NaN }, 'memoryLimit of createDevice is NaN: it must be a number of bytes above 0'],
    [{ memoryLimit: 0 }, 'memoryLimit of createDevice is 0'],
    [{ memoryLimit: '1e9' }, "memoryLimit of createDevice is '1e9'"],
    [{ bindingLimit: -1 }, 'bindingLimit of createDevice is -1'],
    [{ bindingLimit: Number.NaN }, 'bindingLimit of createDevice is NaN'],
    [{ profile: 'yes' }, "profile of createDevice is 'yes': it must be true or false"],
    [{ checked: 1 }, 'checked of createDevice is 1'],
    [{ tuned: 'no' }, "tuned of createDevice is 'no': it must be true or false"],
    [
      { memorylimit: 1 },
      'createDevice has no option memorylimit, did you mean memoryLimit?: its options are adapter,',
    ],
    [{ toString: 1 }, 'createDevice has no option toString'],
  ])('%o are refused', async (options, message) => {
    await expect(open(options)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(message),
    });
  });

  test.each([
    {},
    { adapter: undefined, memoryLimit: undefined },
    { memoryLimit: Number.POSITIVE_INFINITY, tuned: false },
    { adapter: 'software', bindingLimit: 1 << 20, profile: false, checked: true },
  ])('%o are taken', async (options) => {
    await expect(open(options)).rejects.toThrow('asked for an adapter');
  });
});
