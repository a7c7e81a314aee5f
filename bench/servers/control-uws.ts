// The floor: a uWebSockets.js server that echoes, and does nothing else.
import * as uWS from "uWebSockets.js";

uWS
	.App()
	.ws("/ws", {
		// The limits that the gateway works with, so that uWebSockets.js does the same work for both.
		idleTimeout: 96,
		maxPayloadLength: 64 * 1024,
		maxBackpressure: 1024 * 1024,
		sendPingsAutomatically: true,
		message(socket, message, isBinary) {
			socket.send(message, isBinary);
		},
	})
	.listen("127.0.0.1", 0, (listening) => {
		if (!listening) throw new Error("cannot listen");
		process.send?.({ port: uWS.us_socket_local_port(listening) });
	});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
