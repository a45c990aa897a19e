import http from 'node:http';
import { createRequire } from 'node:module';

const { createProxyServer } = await import(createRequire(import.meta.url).resolve('httpxy'));

process.on('uncaughtException', (error) => console.error(error.message));
const target = 'http://127.0.0.1:@origin@';
const proxy = createProxyServer({ target });
const server = http.createServer((request, response) => {
  proxy.web(request, response).catch(() => response.writeHead(502).end());
});
server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head));
server.listen(@port@, '127.0.0.1');
