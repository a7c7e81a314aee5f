// Two clients on different gateways who write to each other in many conversations, at a rate, while what is between them is killed.
import { setTimeout as pause } from "node:timers/promises";
import { post } from "../http-client.ts";
import { until } from "../until.ts";
import { type Finding, findings, ImSession } from "./im-ledger.ts";
import type { ImAccount, ImSite } from "./im-site.ts";

export interface ExchangePlan {
	/** Of both clients together. */
	readonly messages: number;
	readonly perSecond: number;
	readonly conversations: number;
	/** In turn, spread over the messages. */
	readonly faults: readonly Fault[];
	readonly onProgress?: (line: string) => void;
}

export interface Fault {
	readonly name: string;
	/** Ends something, and starts it again. */
	readonly run: () => Promise<void>;
}

export interface ExchangeReport {
	readonly findings: readonly Finding[];
	readonly acknowledged: number;
	readonly delivered: readonly number[];
	readonly acknowledgedAfterSeconds: number;
	/** Until both clients had shown every message. */
	readonly deliveredAfterSeconds: number;
	/** Messages delivered to both, with the time of the faults. */
	readonly perSecond: number;
	readonly lag: Readonly<Record<string, number | undefined>>;
	readonly counts: readonly ImSession["counts"][];
}

export async function exchange(site: ImSite, plan: ExchangePlan): Promise<ExchangeReport> {
	const { messages, perSecond, conversations: size, onProgress = () => {} } = plan;
	const [ann, bob] = await Promise.all([site.account("ann"), site.account("bob")]);
	const conversations = await createConversations(site, size, [ann, bob]);
	const urls = () => site.gateways.map((gateway) => gateway.url);
	const sessions = [new ImSession(urls, ann), new ImSession(() => urls().reverse(), bob)];
	const running = sessions.map((session) => session.run());
	await until(() => sessions.every((session) => session.isConnected));
	const startedAtMs = performance.now();
	const elapsedSeconds = () => (performance.now() - startedAtMs) / 1000;
	const each = Math.ceil(messages / (2 * size));
	const total = each * 2 * size;
	const intervalMs = (2 * size * 1000) / perSecond;
	const acknowledged = () => sessions.reduce((sum, { acked }) => sum + acked.size, 0);
	// One after the other in a conversation, so that a message that is sent again comes behind none that was written later.
	const write = async (session: ImSession, name: string, conversation: string): Promise<void> => {
		for (let number = 0; number < each; number++) {
			const waitMs = startedAtMs + number * intervalMs - performance.now();
			if (waitMs > 0) await pause(waitMs);
			await session.send(conversation, `${name}-${number}`);
		}
	};
	const writers = conversations.flatMap((conversation) => [
		write(sessions[0] as ImSession, "ann", conversation),
		write(sessions[1] as ImSession, "bob", conversation),
	]);
	await Promise.all([...writers, inTurn(plan, total, acknowledged)]);
	const acknowledgedAfterSeconds = elapsedSeconds();
	onProgress("all acknowledged");
	const shown = (session: ImSession) => [...session.delivered.values()].reduce((sum, list) => sum + list.length, 0);
	await until(() => sessions.every((session) => shown(session) >= total));
	const deliveredAfterSeconds = elapsedSeconds();
	onProgress("all delivered");
	const lag = await untilNoLag(site);
	for (const session of sessions) session.close();
	await Promise.all(running);
	return {
		findings: findings(sessions, conversations),
		acknowledged: acknowledged(),
		delivered: sessions.map(shown),
		...{ acknowledgedAfterSeconds, deliveredAfterSeconds, perSecond: total / deliveredAfterSeconds },
		lag,
		counts: sessions.map(({ counts }) => counts),
	};
}

async function createConversations(
	site: ImSite,
	size: number,
	[owner, other]: readonly [ImAccount, ImAccount],
): Promise<readonly string[]> {
	const conversations: string[] = [];
	for (let index = 0; index < size; index++) {
		const room = { name: `room ${index}`, member_ids: [other.id], client_room_id: `r${index}` };
		let id = "";
		// The gateway has to find the service first.
		await until(async () => {
			const { body } = await post(`${site.gateways[0]?.httpUrl}/api/v1/groups`, room, owner.token);
			id = body.room?.id ?? "";
			return id !== "";
		});
		conversations.push(id);
	}
	return conversations;
}

/** The faults, one after the other. */
async function inTurn(
	{ faults, onProgress = () => {} }: ExchangePlan,
	total: number,
	acknowledged: () => number,
): Promise<void> {
	for (const [index, fault] of faults.entries()) {
		await until(() => acknowledged() >= (total * (index + 1)) / (faults.length + 2));
		onProgress(`${acknowledged()} acknowledged: ${fault.name}`);
		await fault.run();
		onProgress(`${fault.name}: is back, ${acknowledged()} acknowledged`);
	}
}

async function untilNoLag(site: ImSite): Promise<ExchangeReport["lag"]> {
	const lags = { "im-logic": "upstream", framegate: "downstream" };
	const lag: Record<string, number | undefined> = {};
	await until(async () => {
		for (const [group, topic] of Object.entries(lags)) lag[group] = await site.lag(group, topic);
		return Object.values(lag).every((one) => one === 0);
	});
	return lag;
}
