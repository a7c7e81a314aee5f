// A viewer beside a hostile box: watches all channels, asks for its lists, and tries to operate a point. What it is shown must be
// the plant's own, and must be good again soon after.
import {
	authRoutes,
	DataBatch,
	DataType,
	type Envelope,
	edgeAlarmRoutes,
	edgeControlRoutes,
	edgeModelRoutes,
	edgeTelemetryRoutes,
	pushes,
	Quality,
} from "../../../protocol/gen/schema.ts";
import { Link, type RejectedError } from "../link.ts";
import { COMMANDED, channels, FOREIGN } from "./field.ts";

const USERNAME = "watcher";
const PASSWORD = "a long password";
const ASK_EVERY_MS = 200;
const INTERVAL_MS = 200;

export class Watcher {
	/** Values of another plant that were shown. */
	foreignValues = 0;
	/** When channel 1001 last had good values, monotonic milliseconds. */
	goodAtMs = 0;
	batches = 0;
	private askAgainAtMs = 0;
	private readonly url: string;
	private link: Link | undefined;
	private timer: NodeJS.Timeout | undefined;

	private constructor(url: string) {
		this.url = url;
	}

	static async open(url: string): Promise<Watcher> {
		const watcher = new Watcher(url);
		const link = await watcher.connect();
		await link.ask(authRoutes.register, { username: USERNAME, password: PASSWORD });
		await watcher.watch(link);
		watcher.timer = setInterval(() => void watcher.ask(), ASK_EVERY_MS);
		return watcher;
	}

	/** Resolves when good values have come that are newer. @returns after how many milliseconds; the limit if none have. */
	async untilGood(sinceMs: number, withinMs: number): Promise<number> {
		while (this.goodAtMs < sinceMs && performance.now() - sinceMs < withinMs) {
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		return this.goodAtMs < sinceMs ? withinMs : Math.round(this.goodAtMs - sinceMs);
	}

	end(): void {
		clearInterval(this.timer);
		this.link?.lose("closed");
	}

	private async connect(): Promise<Link> {
		const listener = {
			push: (envelope: Envelope) => this.receive(envelope),
			lost() {},
			answered() {},
			unanswered() {},
		};
		this.link = await Link.open(this.url, "127.3.1.1", listener);
		return this.link;
	}

	private async watch(link: Link): Promise<void> {
		await link.ask(authRoutes.login, { username: USERNAME, password: PASSWORD, deviceId: "watcher" });
		await link.ask(edgeTelemetryRoutes.subscribe, {
			channels: channels(),
			dataTypes: [DataType.TELEMETRY],
			intervalMs: INTERVAL_MS,
		});
	}

	/** Ignores errors, as the box may be unavailable; what it asked too much of it asks again when it may. */
	private async ask(): Promise<void> {
		const { link } = this;
		if (link === undefined || !link.isOpen || performance.now() < this.askAgainAtMs) return;
		const target = { channelId: COMMANDED.channel, dataType: DataType.CONTROL, pointId: COMMANDED.point };
		const asked = [
			link.ask(edgeModelRoutes.modelList, { limit: 100 }),
			link.ask(edgeModelRoutes.ruleList, { limit: 100 }),
			link.ask(edgeAlarmRoutes.alarmList, { limit: 100 }),
			link.ask(edgeTelemetryRoutes.readNow, { channels: channels().slice(0, 4) }),
			link.ask(edgeControlRoutes.writePoint, { target, value: 1 }),
		];
		for (const outcome of await Promise.allSettled(asked)) {
			const retryAfterMs =
				outcome.status === "rejected" ? ((outcome.reason as Partial<RejectedError>).retryAfterMs ?? 0) : 0;
			this.askAgainAtMs = Math.max(this.askAgainAtMs, performance.now() + retryAfterMs);
		}
	}

	private receive({ protocol, body }: Envelope): void {
		if (protocol !== pushes.dataBatch.number) return;
		this.batches++;
		for (const { channelId, points } of DataBatch.decode(body ?? new Uint8Array()).updates) {
			for (const { num, quality } of points) {
				if ((num ?? 0) >= FOREIGN) this.foreignValues++;
				const isGood = (quality ?? Quality.GOOD) === Quality.GOOD;
				if (channelId === COMMANDED.channel && isGood) this.goodAtMs = performance.now();
			}
		}
	}
}
