/**
 * @file The task `device`: opens the device and says what it is.
 */

import type { DeviceInfo } from 'fovea';
import type { Task } from './protocol.ts';

/** Opens the device. */
export const run: Task<void, DeviceInfo> = async (_, { engine }) => (await engine.device()).info;
