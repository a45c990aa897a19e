const http = require('http');
const httpProxy = require('http-proxy');

process.on('uncaughtException', (error) => console.error(error.message));
const target = 'http://127.0.0.1:@origin@';
const agent = new http.Agent({ keepAlive: true });
const proxy = httpProxy.createProxyServer({ target, agent, xfwd: true });
proxy.on('error', (error, request, response) => {
  console.error(error.message);
  if (response.writeHead) response.writeHead(502).end();
});
const server = http.createServer((request, response) => proxy.web(request, response));
server.listen(@port@, '127.0.0.1');
