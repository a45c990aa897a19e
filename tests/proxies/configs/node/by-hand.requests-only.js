const http = require('http');

process.on('uncaughtException', (error) => console.error(error.message));
const target = 'http://127.0.0.1:@origin@';
const server = http.createServer((request, response) => {
  const { method, headers } = request;
  const upstream = http.request(target + request.url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', () => response.writeHead(502).end());
  request.pipe(upstream);
});
server.listen(@port@, '127.0.0.1');
