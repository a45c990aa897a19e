// ws as a server. Usage: node server.mjs PORT, or node server.mjs --version
//
// The law of this file: it uses the library as its manual says.

import { createRequire } from "node:module";

import { WebSocketServer } from "ws";

const [argument] = process.argv.slice(2);

if (argument === "--version") {
  console.log(createRequire(import.meta.url)("ws/package.json").version);
} else {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: Number(argument),
    perMessageDeflate: true,
    handleProtocols: (offered) => (offered.has("chat") ? "chat" : false),
  });
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
}
