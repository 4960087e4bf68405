/**
 * @file Has a device prove itself before it is used, and remembers that it did.
 */

import { isObject } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import { FoveaError } from '../errors.ts';
import type { TuningStore } from '../tune/tuning-store.ts';
import { type TuningKey, tuningKeyOf } from '../tune/tuning-table.ts';
import { type Certificate, failuresOf } from './certificate.ts';
import { strike } from './strike.ts';
import { type VerifyOptions, verify } from './verify.ts';

/**
 * Verifies a device, with `once` only if no device of its adapter, driver and version of fovea has passed yet. What a device passed
 * without is struck on this one too. Rejects with 'untrustworthy-adapter', and destroys the device, where it does not pass.
 */
export async function trustDevice(
  device: Device,
  store: TuningStore,
  when: 'once' | 'always',
  options?: VerifyOptions,
): Promise<void> {
  const key = tuningKeyOf(device.info);
  const known = when === 'once' ? struckIn(await store.load(key.adapter, 'verification'), key) : undefined;
  if (known) {
    strike(device, known);
    return;
  }
  const certificate = await verify(device, options);
  if (!certificate.passed) {
    device.destroy();
    throw untrustworthy(certificate);
  }
  const text = `${JSON.stringify({ ...key, struck: certificate.struck })}\n`;
  await store.save(key.adapter, text, 'verification').catch(({ message }: Error) => {
    device.onWarning(
      `that ${device.info.name} has passed is not kept, and it will be verified again: ${message}`,
    );
  });
}

/** What a device passed without, of the text that was kept; undefined where none has passed under this key. */
function struckIn(text: string | undefined, key: TuningKey): string[] | undefined {
  const kept = parse(text);
  if (!isObject(kept)) return undefined;
  const { version, adapter, struck } = kept as Record<string, unknown>;
  if (version !== key.version || adapter !== key.adapter || !Array.isArray(struck)) return undefined;
  return struck.filter((name) => typeof name === 'string');
}

function parse(text: string | undefined): unknown {
  try {
    return text && JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why a device is refused: what is the furthest from right, and what to do. Its cause is the certificate. */
function untrustworthy(certificate: Certificate): FoveaError {
  const failures = failuresOf(certificate);
  const [what, { error, bound, about }] = failures.reduce((worst, found) =>
    found[1].error > worst[1].error ? found : worst,
  );
  const size = Number.isFinite(error)
    ? `has a relative error of ${error.toExponential(1)}, where ${bound.toExponential(1)} is the most`
    : 'gives no right number';
  return new FoveaError(
    'untrustworthy-adapter',
    `the adapter '${certificate.adapter}' computes wrongly: ${what} (${about}) ${size}, and ${failures.length} checks fail in all. ` +
      "Update its driver or browser, or ask for adapter 'software'; please report what `fovea verify --json` prints, or the certificate that is this error's `cause`",
    { cause: certificate },
  );
}
