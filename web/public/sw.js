// The shell of the page, kept for slow and absent networks. Nothing of the API is ever kept here: no data of one person can reach another.
// The build writes its own number here, so that every release is a new worker, and the files that reading without a network needs.
const BUILD = '__BUILD__';
const SHELL = `rapport-shell-${BUILD}`;
const FIRST = ['/', '/theme-boot.js', '/favicon.svg', '/manifest.webmanifest'];
const READING = ['__READING__'];

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(SHELL).then(async (cache) => {
      await cache.addAll(FIRST.map((path) => new Request(path, { cache: 'reload', credentials: 'omit' })));
      await cache.addAll(READING);
    }),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((n) => n.startsWith('rapport-shell-') && n !== SHELL).map((n) => caches.delete(n))))
      .then(() => self.clients.claim()),
  );
});

// The page asks the reader first; only then the new worker takes over.
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting();
});

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match('/', { cacheName: SHELL })) ?? Response.error();
  }
}

// Names under /assets carry a hash of their content: what is kept is right for ever.
async function asset(request) {
  const kept = await caches.match(request, { cacheName: SHELL });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === 'basic') {
    const cache = await caches.open(SHELL);
    await cache.put(request, answer.clone());
  }
  return answer;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith('/api/') || url.pathname === '/metrics' || url.pathname.endsWith('z')) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (url.pathname.startsWith('/assets/') || url.pathname.startsWith('/icons/') || FIRST.includes(url.pathname)) event.respondWith(asset(request));
});
