/**
 * @file Has a device prove itself before it is used, and remembers that it did.
 */

import { isObject } from '../arguments.ts';
import { counted } from '../counted.ts';
import type { AdapterKind, AdapterSource } from '../device/adapter-source.ts';
import type { Device } from '../device/device.ts';
import { FoveaError, type FoveaErrorCode } from '../errors.ts';
import { type TuningKey, tuningKeyOf } from '../tune/tuning-key.ts';
import type { TuningStore } from '../tune/tuning-store.ts';
import { type Certificate, failuresOf } from './certificate.ts';
import type { certify } from './certify.ts';
import { strike } from './strike.ts';
import type { VerifyOptions } from './verify.ts';

/** Where the adapters of a device come from, and what is known of them kept. */
export interface Origin {
  readonly source: AdapterSource;
  readonly store: TuningStore;
  /** The kind of adapter that the device was asked for. */
  readonly adapter?: AdapterKind | undefined;
}

/**
 * Verifies the adapter of a device, with `once` only if none of that name, driver and version of fovea has passed yet. What it passed
 * without is struck on this device. Rejects with 'untrustworthy-adapter', and destroys the device, where it does not pass.
 */
export async function trustDevice(
  device: Device,
  { source, store, adapter }: Origin,
  when: 'once' | 'always',
  options: VerifyOptions = {},
): Promise<void> {
  const key = tuningKeyOf(device.info);
  const known = when === 'once' ? struckIn(await store.load(key.adapter, 'verification'), key) : undefined;
  if (known) {
    strike(device, known);
    return;
  }
  const { onWarning } = device;
  let certificate: Certificate;
  try {
    certificate = await certifyOnDemand(source, { onWarning, ...(adapter && { adapter }) }, options);
    if (!certificate.passed) throw untrustworthy(certificate);
  } catch (error) {
    device.destroy();
    throw error;
  }
  strike(device, certificate.struck);
  const text = `${JSON.stringify({ ...key, struck: certificate.struck })}\n`;
  await store.save(key.adapter, text, 'verification').catch(({ message }: Error) => {
    device.onWarning(
      `that ${device.info.name} has passed is not kept, and it will be verified again: ${message}`,
    );
  });
}

/** Loaded on demand: it has every op, and the figures. Its errors may be of another copy of the class, see `certify.ts`. */
const certifyOnDemand: typeof certify = async (...origin) => {
  const { certify } = await import('./certify.ts');
  return certify(...origin).catch((cause: Error & { code?: FoveaErrorCode }) => {
    throw cause.code ? new FoveaError(cause.code, cause.message, { cause }) : cause;
  });
};

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
    `the adapter '${certificate.adapter}' computes wrongly: ${what} (${about}) ${size}, and ${counted(failures.length, 'check fails', 'checks fail')} in all. ` +
      "Update its driver or browser, or ask for adapter 'software'; please report the certificate that is this error's `cause` (`fovea verify --json` prints it)",
    { cause: certificate },
  );
}
