// A network under a test's control: the test breaks it, and holds a frame back while something else happens first.
import { WebSocket as WsWebSocket } from "ws";
import { Envelope } from "../../protocol/gen/schema.ts";

/** Connections made by its `WebSocket` break by `cut`; until `mend` no other one comes up. */
export function network() {
	const sockets: WsWebSocket[] = [];
	const before = new Map<number, () => Promise<void>>();
	let isDown = false;
	class Breakable extends WsWebSocket {
		constructor(url: string, protocols: string[]) {
			if (isDown) throw new Error("the network is down");
			super(url, protocols);
			sockets.push(this);
		}

		override send(frame: Uint8Array): void {
			const hold = before.get(Envelope.decode(frame).protocol);
			if (hold === undefined) super.send(frame);
			else void hold().then(() => super.send(frame));
		}
	}
	return {
		WebSocket: Breakable,
		/** Awaited before a frame goes out that carries this protocol number. */
		before,
		cut: () => {
			isDown = true;
			sockets.at(-1)?.terminate();
		},
		mend: () => {
			isDown = false;
		},
	};
}
