// Handshakes without end, from several addresses: half of them are kept until they are closed, half are reset at once.
import { type Attack, sideBySide } from "../attack.ts";
import { Pipe } from "../pipe.ts";

const WIDTH = 64;
const ADDRESSES = 8;
const KEPT = 1500;

export const handshakes: Attack = {
	name: "handshakes",
	title: "handshakes without end",
	async run(run) {
		const kept: Pipe[] = [];
		await sideBySide(run, WIDTH, async (index, port) => {
			const pipe = await Pipe.open({ port, from: `127.7.1.${(index % ADDRESSES) + 1}` });
			run.count("handshakes");
			if (kept.length < KEPT && kept.length % 2 === 0) kept.push(pipe);
			else pipe.socket.resetAndDestroy();
		});
		for (const pipe of kept) pipe.end();
	},
};
