// Frames that carry no message: pings, whose payload is returned, unsolicited pongs, and empty fragments of a message that
// never ends. They come as fast as a network of 1 Gbit/s brings them: over the loopback interface a socket of the default
// size is never empty, and the library reads it on and on, which docs/operations/host.md says how to prevent.
import { clientFrame, OPCODE_BINARY, OPCODE_PING, OPCODE_PONG } from "../../../load/frames.ts";
import { type Attack, pause, sideBySide } from "../attack.ts";
import { emptyFrame, repeated } from "../frames.ts";
import { Pipe } from "../pipe.ts";

const CONNECTIONS = 8;
const PIECE_FRAMES = 400;
const BYTES_PER_MS = 125_000;
const PAYLOAD = Buffer.alloc(125, 0x61);

function flood(name: string, title: string, from: string, frame: Buffer, first?: Buffer): Attack {
	const piece = repeated(frame, PIECE_FRAMES);
	return {
		name,
		title,
		async run(run) {
			const startedAtMs = performance.now();
			let sentBytes = 0;
			await sideBySide(run, CONNECTIONS, async (_index, port) => {
				const pipe = await Pipe.open({ port, from });
				if (first !== undefined) await pipe.write(first);
				while (performance.now() < run.endAtMs && (await pipe.write(piece))) {
					run.count("frames", PIECE_FRAMES);
					sentBytes += piece.length;
					while (sentBytes > (performance.now() - startedAtMs) * BYTES_PER_MS) await pause(1);
				}
				pipe.end();
			});
		},
	};
}

const CONTINUATION = 0x00;

export const controlFramesAttacks: readonly Attack[] = [
	flood("pings", "pings as fast as they go", "127.7.4.1", clientFrame(PAYLOAD, OPCODE_PING)),
	flood("pongs", "unsolicited pongs", "127.7.4.2", clientFrame(PAYLOAD, OPCODE_PONG)),
	flood("fragments", "empty fragments without end", "127.7.4.3", emptyFrame(CONTINUATION), emptyFrame(OPCODE_BINARY)),
];
