const http = require('http');
const httpProxy = require('http-proxy-3');

process.on('uncaughtException', (error) => console.error(error.message));
const target = 'http://127.0.0.1:@origin@';
httpProxy.createServer({ target, ws: true }).listen(@port@, '127.0.0.1');
