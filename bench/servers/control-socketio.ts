// What a user would pick instead for rooms: Socket.IO, WebSocket only. A client that connects is in the room that
// the query names, and its messages are published to the whole room.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false, maxHttpBufferSize: 64 * 1024 });
io.on("connection", (socket) => {
	const room = String(socket.handshake.query["room"]);
	void socket.join(room);
	socket.on("m", (text: string) => io.to(room).emit("m", text));
});
http.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
	process.send?.({ port: (http.address() as AddressInfo).port });
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
