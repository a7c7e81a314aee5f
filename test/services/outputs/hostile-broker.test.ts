// Brokers that do not keep to MQTT: the link ends such connections, with little memory, and opens others after pauses that grow.
import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, it } from "node:test";
import { MqttLink } from "../../../services/outputs/event-link-mqtt.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";

const CONNACK = Buffer.from([0x20, 2, 0, 0]);
/** Types of control packets, in the upper half of the first byte. */
const PUBLISH = 3;
const MEGABYTE = 1_000_000;

interface Broker {
	readonly port: number;
	/** When connections came. */
	readonly connections: number[];
	readonly written: () => number;
	readonly isClosed: () => boolean;
}

describe("the link to a broker that is hostile", { timeout: 60_000 }, () => {
	const open: (() => unknown)[] = [];
	afterEach(async () => {
		for (const close of open.splice(0).reverse()) await close();
	});

	/** @param onData - bytes of a client, from the first ones on. */
	async function broker(onData: (socket: Socket, bytes: Buffer, isFirst: boolean) => void): Promise<Broker> {
		const connections: number[] = [];
		const sockets = new Set<Socket>();
		let last: Socket | undefined;
		const server = net.createServer((socket) => {
			connections.push(performance.now());
			sockets.add(socket);
			last = socket;
			socket.on("error", () => {});
			socket.on("close", () => sockets.delete(socket));
			let isFirst = true;
			socket.on("data", (bytes) => {
				onData(socket, bytes, isFirst);
				isFirst = false;
			});
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		open.push(async () => {
			for (const socket of sockets) socket.destroy();
			server.close();
			await once(server, "close");
		});
		return {
			port: (server.address() as AddressInfo).port,
			connections,
			written: () => last?.bytesWritten ?? 0,
			isClosed: () => last?.destroyed === true,
		};
	}

	function link(port: number) {
		const logger = quietLogger();
		const options = { url: `mqtt://127.0.0.1:${port}`, version: "3.1.1", clientId: "gw", keepaliveMs: 60_000 } as const;
		const made = new MqttLink({ ...options, statusTopic: "status" }, logger);
		made.open();
		open.push(() => made.close());
		return { made, logger };
	}

	it("with packets that are none, ends the connection and tries another one", async () => {
		const nonsense = [
			Buffer.from([0x20, 0xff, 0xff, 0xff, 0xff, 0xff]),
			Buffer.from([0xf0, 2, 1, 2]),
			Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
			Buffer.concat([CONNACK, Buffer.from([0x40, 1, 0])]),
		];
		for (const bytes of nonsense) {
			const { port, connections } = await broker((socket, _bytes, isFirst) => {
				if (isFirst) socket.write(bytes);
			});
			const { logger } = link(port);
			await until(() => connections.length >= 2);
			assert.equal(logger.lines[0]?.message, "the MQTT broker is unreachable; events are kept on disk");
		}
	});

	it("with a message of 256 MB that nobody asked for, ends the connection within the first of them", async () => {
		const { port, connections, written, isClosed } = await broker((socket, _bytes, isFirst) => {
			if (!isFirst) return;
			socket.write(Buffer.concat([CONNACK, Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])]));
			const more = (): void => {
				while (!socket.destroyed && socket.bytesWritten < 50 * MEGABYTE) {
					if (!socket.write(Buffer.alloc(65_536))) {
						socket.once("drain", more);
						return;
					}
				}
			};
			more();
		});
		link(port);
		await until(() => isClosed() || connections.length > 1);
		assert.ok(written() < 20 * MEGABYTE, `${written()} bytes`);
	});

	it("with many small messages that nobody asked for, goes on and keeps none", async () => {
		const small = Buffer.from([0x30, 5, 0, 1, 0x61, 1, 2]);
		const flood = Buffer.concat(Array.from({ length: 10_000 }, () => small));
		const { port, connections } = await broker((socket, bytes, isFirst) => {
			if (isFirst) socket.write(Buffer.concat([CONNACK, flood]));
			// The id of a message of quality of service 1 stands behind its topic.
			else if (bytes[0] !== undefined && bytes[0] >> 4 === PUBLISH) acknowledge(socket, bytes);
		});
		const { made } = link(port);
		await until(() => made.isUp);
		await made.publish("t", Buffer.from("x"), false);
		assert.equal(connections.length, 1);
	});

	it("that ends the connection with each message, is connected to less and less often, and the message fails", async () => {
		const { port, connections } = await broker((socket, _bytes, isFirst) => {
			if (isFirst) socket.write(CONNACK);
			else socket.destroy();
		});
		const { made } = link(port);
		await until(() => connections.length >= 4);
		const gaps = connections.slice(1).map((atMs, index) => atMs - (connections[index] as number));
		// On a busy machine each is longer, and none is shorter.
		assert.ok((gaps[2] as number) > 1400, gaps.map(Math.round).join());
		await assert.rejects(made.publish("t", Buffer.from("x"), false));
	});
});

function acknowledge(socket: Socket, bytes: Buffer): void {
	let at = 0;
	while (at + 1 < bytes.length) {
		const length = bytes[at + 1] as number;
		const topicLength = bytes.readUInt16BE(at + 2);
		const id = bytes.subarray(at + 4 + topicLength, at + 6 + topicLength);
		socket.write(Buffer.concat([Buffer.from([0x40, 2]), id]));
		at += 2 + length;
	}
}
