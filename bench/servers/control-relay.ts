// The floor of upstreams: what comes in a frame goes to a gRPC service as it is, and what that answers goes back, by bare uWebSockets.js and
// grpc-js.

import * as uWS from "uWebSockets.js";
import { Client, credentials, Metadata } from "@grpc/grpc-js";

const PATH = "/acme.orders.v1.OrderService/PlaceOrder";
const identity = (bytes: Buffer): Buffer => bytes;
const client = new Client(process.env["UPSTREAM"] ?? "", credentials.createInsecure());

uWS
	.App()
	.ws<{ isOpen: boolean }>("/ws", {
		idleTimeout: 96,
		maxPayloadLength: 64 * 1024,
		maxBackpressure: 1024 * 1024,
		sendPingsAutomatically: true,
		open(socket) {
			socket.getUserData().isOpen = true;
		},
		close(socket) {
			socket.getUserData().isOpen = false;
		},
		message(socket, message) {
			const body = Buffer.from(message.slice(0));
			const options = { deadline: Date.now() + 10_000 };
			client.makeUnaryRequest(PATH, identity, identity, body, new Metadata(), options, (error, reply) => {
				if (error !== null) throw error;
				if (socket.getUserData().isOpen) socket.send(reply as Buffer, true);
			});
		},
	})
	.listen("127.0.0.1", 0, (listening) => {
		if (!listening) throw new Error("cannot listen");
		process.send?.({ port: uWS.us_socket_local_port(listening) });
	});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
