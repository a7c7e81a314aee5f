// Messages that never come to their end: WebSocket frames of which nearly all is sent, and HTTP requests whose headers trickle.
import { MASK } from "../../../load/frames.ts";
import { type Attack, pause, sideBySide } from "../attack.ts";
import { LONGEST_BYTES } from "../frames.ts";
import { Pipe } from "../pipe.ts";

const CONNECTIONS = 800;
const ADDRESSES = 8;
const TRICKLE_EVERY_MS = 250;
const KEPT_MS = 20_000;

/** All but the last byte of a text message. */
function halfFrame(): Buffer {
	const header = [0x81, 0x80 | 126, LONGEST_BYTES >> 8, LONGEST_BYTES & 0xff, ...MASK];
	return Buffer.concat([Buffer.from(header), Buffer.alloc(LONGEST_BYTES - 1, 0x20)]);
}

export const halfFrames: Attack = {
	name: "half-frames",
	title: "WebSocket messages without their last byte",
	async run(run) {
		const bytes = halfFrame();
		await sideBySide(run, CONNECTIONS, async (index, port) => {
			const pipe = await Pipe.open({ port, from: `127.7.2.${(index % ADDRESSES) + 1}` });
			await pipe.write(bytes);
			run.count("halves");
			await pipe.untilOver(Math.min(KEPT_MS, Math.max(0, run.endAtMs - performance.now())));
			pipe.end();
		});
	},
};

export const halfRequests: Attack = {
	name: "half-requests",
	title: "HTTP requests that never end",
	async run(run) {
		await sideBySide(run, CONNECTIONS, async (index, port) => {
			const pipe = await Pipe.open({ port, from: `127.7.3.${(index % ADDRESSES) + 1}`, isRaw: true });
			await pipe.write(Buffer.from("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"));
			run.count("halves");
			for (let line = 0; performance.now() < run.endAtMs; line++) {
				await pause(TRICKLE_EVERY_MS);
				if (!(await pipe.write(Buffer.from(`X-${line}: a\r\n`)))) break;
				run.count("lines");
			}
			pipe.end();
		});
	},
};
