const http = require('http');
const httpxy = import(require.resolve('httpxy'));

process.on('uncaughtException', (error) => console.error(error.message));
const target = 'http://127.0.0.1:@origin@';
httpxy.then(({ createProxyServer }) => {
  const proxy = createProxyServer({ target });
  const server = http.createServer((request, response) => {
    proxy.web(request, response).catch(() => response.writeHead(502).end());
  });
  server.listen(@port@, '127.0.0.1');
});
