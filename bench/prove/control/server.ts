// A node of the control: Socket.IO as its documentation sets it up for several nodes and for recovery. A client joins the
// room that it names when it connects, and its messages are published to the whole room.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const [redisUrl = "", port = "0", streamLength = "10000"] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, {
	transports: ["websocket"],
	serveClient: false,
	// Two minutes, the default, which is longer than any client is disconnected here.
	connectionStateRecovery: {},
	adapter: createAdapter(new Redis(redisUrl), { maxLen: Number(streamLength) }),
});
io.on("connection", (socket) => {
	const room = String(socket.handshake.auth["room"]);
	if (!socket.recovered) void socket.join(room);
	socket.on("m", (text: string, acknowledge: () => void) => {
		io.to(room).emit("m", text);
		acknowledge();
	});
});
http.listen({ host: "127.0.0.1", port: Number(port), backlog: 4096 }, () => process.send?.({ port: Number(port) }));
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
