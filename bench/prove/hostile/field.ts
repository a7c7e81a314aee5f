// The Redis of a box in the scenarios of hostile stores: in database 1 a writer as a field service is one, in database 0 the
// values of another plant, which no client may receive, and whose command lists must stay empty.
import { Redis } from "ioredis";

export const FIRST_CHANNEL = 1001;
export const CHANNELS = 20;
export const POINTS = 50;
/** Every value of the other plant is at least this. */
export const FOREIGN = 900_000;
/** Channel 1001, which the strikes leave alone: point 1 can be set. */
export const COMMANDED = { channel: 1001, point: 1 } as const;
const WRITE_EVERY_MS = 200;
/** A user of Redis with every right. */
export const ADMIN = { username: "admin", password: "hostile" } as const;

export class Field {
	/** Has every right, whatever the gateway's user may do. Database 1. */
	private readonly admin: Redis;
	/** The same, in database 0. */
	private readonly foreign: Redis;
	private readonly timer: NodeJS.Timeout;
	private turn = 0;

	private constructor(admin: Redis, foreign: Redis) {
		this.admin = admin;
		this.foreign = foreign;
		this.timer = setInterval(() => void this.write(), WRITE_EVERY_MS);
	}

	/** @param url - of the box, with or without a database. */
	static async open(url: string): Promise<Field> {
		const { port } = new URL(url);
		const first = new Redis(Number(port));
		await first.call("ACL", "SETUSER", ADMIN.username, "on", `>${ADMIN.password}`, "~*", "&*", "+@all");
		await first.quit();
		const [admin, foreign] = [1, 0].map((db) => {
			const client = new Redis({ port: Number(port), db, ...ADMIN });
			client.on("error", () => {});
			return client;
		}) as [Redis, Redis];
		const field = new Field(admin, foreign);
		await field.write();
		const pipeline = foreign.pipeline();
		for (const channel of channels()) {
			const values = Array.from({ length: POINTS }, (_, index) => [index + 1, FOREIGN + index]);
			pipeline.hset(`comsrv:${channel}:T`, ...values.flat());
		}
		await pipeline.exec();
		return field;
	}

	/** Commands that were written into the other plant. */
	async foreignCommands(): Promise<number> {
		const lengths = await Promise.all(channels().map((channel) => this.foreign.llen(`comsrv:trigger:${channel}:C`)));
		return lengths.reduce((sum, length) => sum + length, 0);
	}

	end(): void {
		clearInterval(this.timer);
		this.admin.disconnect();
		this.foreign.disconnect();
	}

	private async write(): Promise<void> {
		const turn = this.turn++;
		const pipeline = this.admin.pipeline();
		for (const channel of channels()) {
			const values = Array.from({ length: POINTS }, (_, index) => [index + 1, ((turn + index) % 1000) / 10]);
			// A strike may have made something else of a channel but the first.
			pipeline.hset(`comsrv:${channel}:T`, "_timestamp", Date.now(), ...values.flat());
			// Commands are taken, as a device would.
			pipeline.del(`comsrv:trigger:${channel}:C`);
		}
		await pipeline.exec().catch(() => {});
	}
}

export function channels(): number[] {
	return Array.from({ length: CHANNELS }, (_, index) => FIRST_CHANNEL + index);
}
