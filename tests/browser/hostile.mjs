// What the second portal serves where it has been taken over: pages with whatever headers its attacker likes, workers, and a log of
// what they got hold of.
//
// `/hostile/page?h=Name:%20value&h=...` is an empty page with these headers; `/hostile/worker.js` fetches what it is told to and
// says what came; `/hostile/sw.js` would answer in the place of every page of this origin.
const WORKER = `
const answer = async (port, { path, init }) => {
  try {
    const got = await fetch(path, init);
    port.postMessage({ path, status: got.status, text: await got.text() });
  } catch (error) {
    port.postMessage({ path, status: 0, text: String(error) });
  }
};
onmessage = (event) => answer(self, event.data);
onconnect = (event) => { event.ports[0].onmessage = (told) => answer(event.ports[0], told.data); };
`;

const SERVICE_WORKER = `
oninstall = () => skipWaiting();
onactivate = (event) => event.waitUntil(clients.claim());
onfetch = (event) => event.respondWith(new Response('<title>owned</title>owned', { headers: { 'content-type': 'text/html' } }));
`;

const PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Hostile</title></head><body><h1>Hostile</h1></body></html>';

// Whether it was one of these.
export function hostile(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://hostile');
  if (!pathname.startsWith('/hostile/')) return false;
  const script = { '/hostile/worker.js': WORKER, '/hostile/sw.js': SERVICE_WORKER }[pathname];
  if (script) {
    response.writeHead(200, { 'content-type': 'text/javascript', 'service-worker-allowed': '/' }).end(script);
    return true;
  }
  const headers = ['Content-Type', 'text/html; charset=utf-8'];
  for (const line of searchParams.getAll('h')) headers.push(...line.split(/: (.*)/s).slice(0, 2));
  response.writeHead(200, headers).end(PAGE);
  return true;
}
