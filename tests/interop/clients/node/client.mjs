// ws and undici, against one URL. Usage: node client.mjs URL ws|undici-websocket|undici-upgrade
//
// The law of this file: it uses each library as its manual says, and prints one line of JSON.

import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";

import * as undici from "undici";
import WebSocket from "ws";

const TEXT = "hello";
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 1.3

const packages = createRequire(import.meta.url);

function versionOf(name) {
  return `${packages(`${name}/package.json`).version}, Node ${process.versions.node}`;
}

function describe(text, subprotocol, code) {
  return `echoed '${text}' as text, subprotocol ${subprotocol || "none"}, closed ${code}`;
}

async function byWs(url) {
  const socket = new WebSocket(url, ["chat"]);
  const [[response]] = await Promise.all([once(socket, "upgrade"), once(socket, "open")]);
  socket.send(TEXT);
  const [data, isBinary] = await once(socket, "message");
  if (isBinary) throw new Error("the echo is binary");
  socket.close(1000);
  const [code] = await once(socket, "close");
  return {
    version: versionOf("ws"),
    status: response.statusCode,
    outcome: describe(data.toString(), socket.protocol, code),
  };
}

// The interface is the browsers': it shows no status, and opens on nothing but a 101.
async function byUndiciWebSocket(url) {
  const socket = new undici.WebSocket(url, ["chat"]);
  const [failed, opened, message, closed] = ["error", "open", "message", "close"].map(
    (type) => new Promise((resolve) => socket.addEventListener(type, resolve, { once: true })),
  );
  const failure = failed.then((event) => Promise.reject(event.error ?? new Error(event.message)));
  await Promise.race([opened, failure]);
  socket.send(TEXT);
  const { data } = await Promise.race([message, failure]);
  if (typeof data !== "string") throw new Error("the echo is binary");
  socket.close(1000);
  const { code } = await Promise.race([closed, failure]);
  return {
    version: versionOf("undici"),
    status: 101,
    outcome: describe(data, socket.protocol, code),
  };
}

// undici.upgrade() hands over the bare socket: the handshake and one frame are written here.
async function byUndiciUpgrade(url) {
  const key = randomBytes(16).toString("base64");
  const { headers, socket } = await undici.upgrade(url.replace(/^ws/, "http"), {
    protocol: "websocket",
    headers: { "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13" },
  });
  const expected = createHash("sha1").update(key + ACCEPT_GUID).digest("base64");
  if (headers["sec-websocket-accept"] !== expected) throw new Error("wrong Sec-WebSocket-Accept");
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | TEXT.length, 0, 0, 0, 0]), Buffer.from(TEXT)]));
  let received = Buffer.alloc(0);
  while (received.length < 2 + TEXT.length) {
    const [data] = await once(socket, "data");
    received = Buffer.concat([received, data]);
  }
  socket.destroy();
  if (received[0] !== 0x81) throw new Error("the echo is no text frame");
  return {
    version: versionOf("undici"),
    status: 101,
    outcome: `upgraded to ${headers.upgrade}, echoed '${received.subarray(2)}' in a frame of its own`,
  };
}

const MODES = {
  ws: byWs,
  "undici-websocket": byUndiciWebSocket,
  "undici-upgrade": byUndiciUpgrade,
};

const [url, mode] = process.argv.slice(2);
console.log(JSON.stringify(await MODES[mode](url)));
