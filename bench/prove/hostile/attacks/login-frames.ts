// Frames behind a login: while the password is hashed, all that follows on the connection waits. A stranger sends as much of it
// as is taken, from connections of one address, and begins again when it is closed.
import { type Attack, sideBySide } from "../attack.ts";
import { type Dialect, dialects, heavy, login } from "../frames.ts";
import { Pipe } from "../pipe.ts";

const CONNECTIONS = 80;
/** As many as a connection may have in flight by default, and some. */
const FRAMES = 80;
const KEPT_MS = 2000;

function loginFrames(dialect: Dialect): Attack {
	const frame = heavy(dialect);
	return {
		name: `login-frames-${dialect}`,
		title: `frames behind a login, ${dialect}`,
		async run(run) {
			let logins = 0;
			await sideBySide(run, CONNECTIONS, async (_index, port) => {
				const pipe = await Pipe.open({ port, from: "127.7.0.1" });
				await pipe.write(login(dialect, `nobody-${logins++}`));
				for (let sent = 0; sent < FRAMES && (await pipe.write(frame)); sent++) run.count("frames");
				await pipe.untilOver(KEPT_MS);
				pipe.end();
			});
		},
	};
}

export const loginFramesAttacks: readonly Attack[] = dialects.map(loginFrames);
