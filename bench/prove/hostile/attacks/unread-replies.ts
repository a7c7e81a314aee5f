// Requests whose replies are not read: pages over HTTP, and error replies over WebSocket.
import { authRoutes, Envelope } from "../../../../protocol/gen/schema.ts";
import { clientFrame } from "../../../load/frames.ts";
import { type Attack, pause, sideBySide } from "../attack.ts";
import { repeated } from "../frames.ts";
import { Pipe } from "../pipe.ts";

const CONNECTIONS = 300;
const ADDRESSES = 8;
const REQUESTS = 50;
const EVERY_MS = 50;
const PAGES = ["/metrics", "/status", "/ready"];

export const unreadReplies: Attack = {
	name: "unread-replies",
	title: "replies that are not read",
	async run(run) {
		const frame = clientFrame(Envelope.encode({ protocol: authRoutes.heartbeat.number, seq: 1 }).finish());
		await sideBySide(run, CONNECTIONS, async (index, port) => {
			const isHttp = index % 3 !== 0;
			const from = `127.7.6.${(index % ADDRESSES) + 1}`;
			const pipe = await Pipe.open({ port, from, isRaw: isHttp, isDeaf: true });
			const page = Buffer.from(`GET ${PAGES[index % PAGES.length]} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
			const piece = isHttp ? repeated(page, REQUESTS) : repeated(frame, REQUESTS);
			while (performance.now() < run.endAtMs && (await pipe.write(piece))) {
				run.count("requests", REQUESTS);
				await pause(EVERY_MS);
			}
			pipe.end();
		});
	},
};
