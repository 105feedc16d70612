// A second portal, made of what stays open: a page with a WebSocket that sends back what it gets, and an event stream.
//
//   node echo.mjs PORT
//
// `/headers` answers with the request's own headers, so that the journey sees what the gate lets through to a portal.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

import { hostile } from './hostile.mjs';

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Echo</title></head>
<body><h1>Echo</h1><p id="state">closed</p>
<script>
window.heard = [];
window.ticks = 0;
window.closedAt = { socket: 0, events: 0 };
window.openSocket = () => new Promise((resolve, reject) => {
  const socket = window.socket = new WebSocket('wss://' + location.host + '/socket');
  socket.onopen = () => { document.getElementById('state').textContent = 'open'; resolve('open'); };
  socket.onmessage = (event) => window.heard.push(event.data);
  socket.onerror = () => reject(new Error('the socket did not open'));
  socket.onclose = () => { document.getElementById('state').textContent = 'closed'; window.closedAt.socket = Date.now(); };
});
window.openEvents = async () => {
  const answer = await fetch('/events');
  const reader = answer.body.getReader();
  (async () => {
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) window.ticks += 1;
    } catch { /* cut off: that is an end, too */ }
    window.closedAt.events = Date.now();
  })();
  return answer.status;
};
</script></body></html>`;

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://echo').pathname;
  if (hostile(request, response)) return;
  if (path === '/headers') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(request.headers));
  } else if (path === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const timer = setInterval(() => response.write(`data: ${Date.now()}\n\n`), 100);
    response.on('close', () => clearInterval(timer));
  } else if (path === '/favicon.ico') {
    response.writeHead(204).end();
  } else {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
  }
});

new WebSocketServer({ server, path: '/socket' }).on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
  socket.on('error', () => socket.terminate());
});

server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(`echo on ${server.address().port}`));
