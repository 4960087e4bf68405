/**
 * @file What a server counts, in Prometheus' format.
 */

import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const SIZES = [1, 2, 4, 8, 16, 32, 64];

/** The counters of one server. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #common = { registers: [this.#registry] };
  readonly #requests = new Counter({
    ...this.#common,
    name: 'fovea_http_requests_total',
    help: 'Requests answered, by route and status.',
    labelNames: ['route', 'status'],
  });
  readonly #requestSeconds = new Histogram({
    ...this.#common,
    name: 'fovea_http_request_duration_seconds',
    help: 'From the head of a request to its answer.',
    labelNames: ['route'],
    buckets: SECONDS,
  });
  readonly #batchImages = new Histogram({
    ...this.#common,
    name: 'fovea_batch_images',
    help: 'Images that were computed together.',
    buckets: SIZES,
  });
  readonly #batchSeconds = new Histogram({
    ...this.#common,
    name: 'fovea_batch_duration_seconds',
    help: 'Computing a batch on the device.',
    buckets: SECONDS,
  });
  readonly #losses = new Counter({
    ...this.#common,
    name: 'fovea_device_losses_total',
    help: 'How often the device was lost.',
  });

  /** `imagesInFlight` tells how many images are decoded, waited with or computed now. */
  constructor(imagesInFlight: () => number) {
    new Gauge({
      ...this.#common,
      name: 'fovea_images_in_flight',
      help: 'Images that are being decoded, wait for a batch, or are being computed.',
      collect() {
        this.set(imagesInFlight());
      },
    });
  }

  /** The type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of it. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Counts a request that was answered. */
  countRequest(route: string, status: number, seconds: number): void {
    this.#requests.inc({ route, status });
    this.#requestSeconds.observe({ route }, seconds);
  }

  /** Counts a batch that was computed. */
  countBatch(images: number, seconds: number): void {
    this.#batchImages.observe(images);
    this.#batchSeconds.observe(seconds);
  }

  /** Counts a device that was lost. */
  countLoss(): void {
    this.#losses.inc();
  }
}
