// What a user would pick instead: the `ws` package, echoing.
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: "/ws", maxPayload: 64 * 1024, backlog: 4096 });
server.on("connection", (socket) => {
	socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
	socket.on("error", () => socket.terminate());
});
server.on("listening", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
