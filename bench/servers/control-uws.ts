// The floor: a uWebSockets.js server that echoes, or publishes to rooms, and does nothing else.
import * as uWS from "uWebSockets.js";
import { addHeartbeats } from "./control-uws-http.ts";

const app = uWS.App();
addHeartbeats(app, process.env);
let ticks: NodeJS.Timeout | undefined;
let watching = 0;
app
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
	// Rooms: a client that connects is in the one that the query names, and its messages are published to all of it.
	.ws<{ readonly room: string }>("/rooms", {
		idleTimeout: 96,
		maxPayloadLength: 64 * 1024,
		maxBackpressure: 1024 * 1024,
		sendPingsAutomatically: true,
		upgrade(response, request, context) {
			response.upgrade(
				{ room: request.getQuery("room") ?? "" },
				request.getHeader("sec-websocket-key"),
				request.getHeader("sec-websocket-protocol"),
				request.getHeader("sec-websocket-extensions"),
				context,
			);
		},
		open(socket) {
			socket.subscribe(socket.getUserData().room);
		},
		message(socket, message, isBinary) {
			app.publish(socket.getUserData().room, message, isBinary);
		},
	})
	// Topics: a text frame subscribes its sender to the topics in it, and is echoed; a binary one is published to the first of them.
	.ws<{ first?: string }>("/topics", {
		idleTimeout: 96,
		maxPayloadLength: 64 * 1024,
		maxBackpressure: 1024 * 1024,
		sendPingsAutomatically: true,
		upgrade(response, request, context) {
			const header = (name: string) => request.getHeader(`sec-websocket-${name}`);
			response.upgrade({}, header("key"), header("protocol"), header("extensions"), context);
		},
		message(socket, message, isBinary) {
			const data = socket.getUserData();
			if (isBinary) {
				app.publish(data.first ?? "", message, true);
				return;
			}
			const topics = JSON.parse(Buffer.from(message).toString()) as string[];
			for (const topic of topics) socket.subscribe(topic);
			data.first ??= topics[0] ?? "";
			socket.send(message, false);
		},
	})
	// Telemetry: what a client sends is published once a second to all from then on, encoded beforehand, until all are gone.
	.ws("/ticks", {
		idleTimeout: 96,
		maxPayloadLength: 64 * 1024,
		maxBackpressure: 1024 * 1024,
		sendPingsAutomatically: true,
		open(socket) {
			socket.subscribe("ticks");
			watching++;
		},
		close() {
			if (--watching === 0) clearInterval(ticks);
		},
		message(_socket, message, isBinary) {
			clearInterval(ticks);
			const batch = message.slice(0);
			const publish = (): void => {
				app.publish("ticks", batch, isBinary);
			};
			publish();
			ticks = setInterval(publish, 1000);
		},
	})
	.listen("127.0.0.1", 0, (listening) => {
		if (!listening) throw new Error("cannot listen");
		process.send?.({ port: uWS.us_socket_local_port(listening) });
	});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
