// The field service of the bench's box: writes the telemetry hashes of dialect v1, every value another one each time.
import { Redis } from "ioredis";

export interface BoxPlan {
	readonly firstChannel: number;
	readonly channels: number;
	/** Numbered from 1 in each channel. */
	readonly points: number;
	readonly everyMs: number;
}

async function run({
	url,
	firstChannel,
	channels,
	points,
	everyMs,
}: BoxPlan & { readonly url: string }): Promise<void> {
	const redis = new Redis(url);
	let round = 0;
	const write = async (): Promise<void> => {
		round++;
		const pipeline = redis.pipeline();
		const timestamp = String(Date.now());
		for (let channel = firstChannel; channel < firstChannel + channels; channel++) {
			const fields = ["_timestamp", timestamp];
			// As the field services print them: six decimals.
			for (let point = 1; point <= points; point++) {
				fields.push(String(point), (channel + point + (round % 9973) / 8).toFixed(6));
			}
			pipeline.hset(`comsrv:${channel}:T`, ...fields);
		}
		await pipeline.exec();
	};
	await write();
	process.send?.("written");
	setInterval(() => {
		write().catch((error: unknown) => {
			console.error(error);
			process.exit(1);
		});
	}, everyMs);
}

process.once("message", (plan: BoxPlan & { readonly url: string }) => void run(plan));
// The writer ends with the bench.
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
