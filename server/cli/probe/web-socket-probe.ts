// The part of a probe that goes over a WebSocket, as Protocol Buffers: log in, subscribe until data comes, read, acknowledge.
import { type Client, createClient } from "../../../client/client.ts";
import { edgePart } from "../../../client/edge/edge.ts";
import type { EdgeSubscription } from "../../../client/edge/edge-subscription.ts";
import { AlarmStatus, authRoutes, chatRoutes } from "../../../protocol/gen/schema.ts";
import type { ProbeRun } from "./probe-run.ts";
import type { ProbeTarget } from "./probe-target.ts";

const INTERVAL_MS = 1000;

export async function probeWebSocket(run: ProbeRun, target: ProbeTarget): Promise<void> {
	const client = createClient({ url: target.webSocketUrl });
	try {
		await run.step("ws.connect", () => connected(client));
		const { credentials } = target;
		if (credentials === undefined) return;
		if (target.registers) await run.step("ws.register", () => client.auth.register(credentials));
		await run.step("ws.login", () => client.login(credentials));
		await run.step("ws.heartbeat", () => client.request(authRoutes.heartbeat, {}));
		if (target.hasEdge) await probeEdge(run, client, target);
		else await run.step("ws.read", () => client.request(chatRoutes.listConversations, {}));
		await run.step("ws.logout", () => client.logout());
	} finally {
		client.close();
	}
}

/** The first attempt counts: a probe does not try again as a client does. */
async function connected(client: Client): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		client.onState((state, { close }) => {
			if (state !== "backoff" && state !== "closed") return;
			reject(new Error(`closed with ${close?.code ?? 1006} ${close?.reason ?? ""}`.trimEnd()));
		});
		client.connect().then(resolve, reject);
	});
}

async function probeEdge(run: ProbeRun, client: Client, { channel, acknowledges }: ProbeTarget): Promise<void> {
	const request = { channels: [channel], intervalMs: INTERVAL_MS };
	const subscription = await run.step(
		"ws.subscribe",
		() => client.use(edgePart).subscribe(request),
		({ subId, grant }) => ({ subId, intervalMs: grant?.intervalMs }),
	);
	await run.step(
		"ws.data",
		() => firstPoints(subscription),
		(points) => ({ points }),
	);
	await run.step(
		"ws.read",
		() => client.use(edgePart).readNow({ channels: [channel] }),
		({ updates }) => ({
			points: (updates ?? []).reduce((sum, { points }) => sum + (points?.length ?? 0), 0),
		}),
	);
	if (!acknowledges) return;
	const alarm = await run.step(
		"ws.alarms",
		async () => (await client.use(edgePart).alarms({ status: AlarmStatus.ACTIVE, limit: 1 }).next()).value,
		(found) => ({ active: found === undefined ? 0 : 1 }),
	);
	if (!alarm) return;
	const { alarmId = "" } = alarm;
	await run.step(
		"ws.ack",
		() => client.use(edgePart).ackAlarm({ alarmId }),
		() => ({ alarmId }),
	);
}

/** @returns how many points the first batch holds. */
function firstPoints(subscription: EdgeSubscription): Promise<number> {
	return new Promise((resolve) => {
		subscription.onBatch(({ updates = [] }) => {
			resolve((updates ?? []).reduce((sum, { points }) => sum + (points?.length ?? 0), 0));
		});
	});
}
