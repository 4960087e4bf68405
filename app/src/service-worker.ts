/**
 * @file The service worker: keeps all files of the application, so that it opens without a network after the first visit. A new version
 * takes over when no tab of the old one is open any more, so that none misses a file of its own.
 */

/** Put here by the build, `build/precache.ts`: the version, and every file by its address from here on. */
declare const PRECACHE: { readonly version: string; readonly files: readonly string[] };

/** The parts of a service worker's scope that are used here; TypeScript has it in a library that clashes with the page's. */
interface Scope {
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}
interface ExtendableEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = self as object as Scope;
const PREFIX = 'fovea application ';
const NAME = PREFIX + PRECACHE.version;

scope.addEventListener('install', (event) => event.waitUntil(fill()));
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && new URL(request.url).origin === location.origin)
    event.respondWith(answer(request));
});

async function fill(): Promise<void> {
  const cache = await caches.open(NAME);
  // Past the browser's own cache, which may hold files of another version.
  await cache.addAll(PRECACHE.files.map((file) => new Request(file, { cache: 'reload' })));
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)),
  );
  await scope.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}
