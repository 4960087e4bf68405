/**
 * @file What the engine keeps between tasks.
 */

import { createDevice, type Device } from 'fovea';

/** The device, and what tasks hand to later ones. */
export class Engine {
  #device: Promise<Device> | undefined;

  /** The one device of the page, opened when it is first asked for; asked for again after a failure. */
  device(): Promise<Device> {
    this.#device ??= createDevice().catch((error: unknown) => {
      this.#device = undefined;
      throw error;
    });
    return this.#device;
  }
}
