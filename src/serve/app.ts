/**
 * @file The routes of a server of predictions.
 */

import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { FoveaError, messageOf } from '../errors.ts';
import type { Finding, ServedConfig } from './classifier.ts';
import type { ServerLimits } from './limits.ts';
import type { ServerMetrics } from './metrics.ts';
import { openApiOf } from './open-api.ts';
import { PAGE_POLICY, tryPage } from './page.ts';
import { accept, Refusal } from './refusal.ts';
import { type Upload, uploadsOf } from './uploads.ts';

/** What the routes stand on. */
export interface Service {
  readonly config: ServedConfig;
  readonly limits: ServerLimits;
  readonly metrics: ServerMetrics;
  /** Why there are no predictions now; undefined where there are. */
  readonly unready: () => string | undefined;
  /** Whether connections are to end after their answers. */
  readonly isClosing: () => boolean;
  /** What the images are. Throws a {@link Refusal} for those that cannot be decoded, and where there are too many. */
  readonly classify: (uploads: readonly Upload[], explain: boolean) => Promise<Finding[]>;
  /** Told of errors that are the server's. */
  readonly onError: (error: unknown) => void;
}

/** Seconds after which a client may ask again. */
const RETRY_AFTER = '1';
const ROUTES = ['/', '/predict', '/healthz', '/metrics', '/openapi.json'];

/** The routes. */
export function createApp(service: Service): Hono {
  const { config, limits, metrics, unready, isClosing, onError } = service;
  const app = new Hono();
  const document = openApiOf(config, limits);
  let pending = 0;

  app.use(async (c, next) => {
    const start = performance.now();
    await next();
    c.header('X-Content-Type-Options', 'nosniff');
    if (isClosing()) c.header('Connection', 'close');
    const route = ROUTES.includes(c.req.path) ? c.req.path : 'other';
    metrics.countRequest(route, c.res.status, (performance.now() - start) / 1000);
  });

  app.get('/', (c) => {
    c.header('Content-Security-Policy', PAGE_POLICY);
    return c.html(tryPage(config.layer !== undefined));
  });
  app.get('/openapi.json', (c) => c.json(document));
  app.get('/metrics', async (c) =>
    c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }),
  );
  app.get('/healthz', (c) => {
    const reason = unready();
    accept(reason === undefined, 503, () => reason!);
    return c.json({ status: 'ok' });
  });

  app.post(
    '/predict',
    async (c, next) => {
      const reason = unready();
      accept(reason === undefined, 503, () => reason!);
      const bytes = Math.min(declaredLength(c), limits.maxUpload);
      accept(pending + bytes <= limits.maxPending, 429, () => 'Too many uploads at once.');
      pending += bytes;
      await next().finally(() => {
        pending -= bytes;
      });
    },
    bodyLimit({
      maxSize: limits.maxUpload,
      onError: () => {
        throw new Refusal(
          413,
          `The body has more than ${limits.maxUpload} bytes: send fewer or smaller images.`,
        );
      },
    }),
    async (c) => {
      const explain = wantsExplanation(c, config);
      const body = new Uint8Array(await c.req.arrayBuffer());
      const uploads = await uploadsOf(body, c.req.header('content-type') ?? '', limits.maxImages);
      const findings = await service.classify(uploads, explain);
      const predictions = findings.map((finding, i) => ({ image: uploads[i]!.name, ...finding }));
      return c.json({ ...(config.classes && { classes: config.classes }), predictions });
    },
  );

  app.notFound((c) =>
    c.json({ error: `There is no ${c.req.method} ${c.req.path.slice(0, 100)}: see GET /openapi.json.` }, 404),
  );
  app.onError((error, c) => {
    if (error instanceof Refusal) return refuse(c, error);
    if (error instanceof FoveaError && error.code === 'device-lost')
      return refuse(c, new Refusal(503, 'The device was lost and is being opened again.'));
    if (hasBrokenOff(error)) return refuse(c, new Refusal(400, 'The body ended before all of it had come.'));
    onError(error);
    return c.json({ error: `This could not be computed: ${messageOf(error)}` }, 500);
  });
  return app;
}

function refuse(c: Context, { status, message }: Refusal): Response {
  if (status === 429 || status === 503) c.header('Retry-After', RETRY_AFTER);
  return c.json({ error: message }, status);
}

/** Whether a client ended its connection before it had sent what it wanted to. */
function hasBrokenOff(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNRESET';
}

/** How many bytes a request says that it has; where it does not say, any. */
function declaredLength(c: Context): number {
  const length = Number(c.req.header('content-length') ?? Number.NaN);
  return Number.isNaN(length) ? Number.POSITIVE_INFINITY : length;
}

/** Whether the query asks for maps. Throws a {@link Refusal} for other parameters and values, and where there are no maps. */
function wantsExplanation(c: Context, { layer }: ServedConfig): boolean {
  const { explain = 'false', ...others } = c.req.query();
  const [unknown] = Object.keys(others);
  accept(unknown === undefined, 400, () => `There is no parameter ${unknown!.slice(0, 100)}, only explain.`);
  accept(['true', 'false'].includes(explain), 400, () => 'explain is true or false.');
  accept(explain === 'false' || layer !== undefined, 400, () => 'This server has no layer to explain by.');
  return explain === 'true';
}
