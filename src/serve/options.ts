/**
 * @file How a server of predictions is started, and what it is then.
 */

import type { FoveaError } from '../errors.ts';
import type { ServerLimits } from './limits.ts';

/** How a server is started. */
export interface PredictionServerOptions extends Partial<ServerLimits> {
  /** The address that it listens at, `127.0.0.1` by default: nobody but this machine. `0.0.0.0` is everyone. */
  readonly host?: string;
  /** 8080 by default; 0 for any that is free. */
  readonly port?: number;
  /** Threads that decode images; by default one per processor, but no more than 16. */
  readonly workers?: number;
  /** Told what an operator should know: a device that was lost, a request that failed. Never what was sent. */
  readonly onEvent?: (message: string) => void;
}

/** A server that runs. */
export interface PredictionServer {
  /** Where it listens. */
  readonly url: string;
  /** Resolves, with the reason, when the device failed and cannot be opened again. */
  readonly failed: Promise<FoveaError>;
  /** Accepts no more requests, answers those that it has, and resolves. The model and its device are left to the caller. */
  close(): Promise<void>;
}
