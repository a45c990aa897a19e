const http = require('http');
const express = require('express');
const { createProxyMiddleware } = require('http-proxy-middleware');

process.on('uncaughtException', (error) => console.error(error.message));
const target = 'http://127.0.0.1:@origin@';
const middleware = createProxyMiddleware({ target });
const app = express();
app.use('/', middleware);
const server = app.listen(@port@, '127.0.0.1');
