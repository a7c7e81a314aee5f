// HTTP requests with bodies as long as are taken, and longer, to paths that want none: with a length, and in chunks.
import { type Attack, sideBySide } from "../attack.ts";
import { Pipe } from "../pipe.ts";

const CONNECTIONS = 64;
const ADDRESSES = 4;
const PIECE = Buffer.alloc(65_536, 0x61);
/** What is taken by default. */
const BODY_PIECES = 16;
const PATHS = ["/", "/ws", "/metrics", "/chat/sendMessage", "/nowhere"];

export const httpBodies: Attack = {
	name: "http-bodies",
	title: "HTTP bodies to everywhere",
	async run(run) {
		let requests = 0;
		await sideBySide(run, CONNECTIONS, async (index, port) => {
			const pipe = await Pipe.open({ port, from: `127.7.5.${(index % ADDRESSES) + 1}`, isRaw: true });
			const path = PATHS[requests++ % PATHS.length] ?? "/";
			const isChunked = requests % 2 === 0;
			const length = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${BODY_PIECES * PIECE.length}`;
			await pipe.write(Buffer.from(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${length}\r\n\r\n`));
			for (let sent = 0; sent < BODY_PIECES; sent++) {
				const chunk = isChunked ? Buffer.concat([Buffer.from("10000\r\n"), PIECE, Buffer.from("\r\n")]) : PIECE;
				if (!(await pipe.write(chunk))) break;
				run.count("bytes", PIECE.length);
			}
			pipe.end();
		});
	},
};
