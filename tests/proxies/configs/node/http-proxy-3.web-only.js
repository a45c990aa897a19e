const http = require('http');
const httpProxy = require('http-proxy-3');

process.on('uncaughtException', (error) => console.error(error.message));
const target = 'http://127.0.0.1:@origin@';
const proxy = httpProxy.createProxyServer({ target });
proxy.on('error', (error, request, response) => {
  console.error(error.message);
  if (response.writeHead) response.writeHead(502).end();
});
const server = http.createServer((request, response) => proxy.web(request, response));
server.listen(@port@, '127.0.0.1');
