// Two clients on different gateways who write to each other in many conversations, at a rate, while what is between them is killed.
import { setTimeout as pause } from "node:timers/promises";
import { post } from "../http-client.ts";
import { until } from "../until.ts";
import { type Finding, findings, ImSession } from "./im-ledger.ts";
import type { ImSite } from "./im-site.ts";

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
	readonly seconds: number;
	readonly lag: Readonly<Record<string, number | undefined>>;
	readonly counts: readonly ImSession["counts"][];
}

export async function exchange(site: ImSite, plan: ExchangePlan): Promise<ExchangeReport> {
	const { messages, perSecond, conversations: size, faults, onProgress = () => {} } = plan;
	const [ann, bob] = await Promise.all([site.account("ann"), site.account("bob")]);
	const url = (path: string) => `${site.gateways[0]?.httpUrl}${path}`;
	const conversations: string[] = [];
	for (let index = 0; index < size; index++) {
		const room = { name: `room ${index}`, member_ids: [bob.id] };
		let id = "";
		// The gateway has to find the service first.
		await until(async () => {
			const { body } = await post(url("/api/v1/groups"), { ...room, client_room_id: `r${index}` }, ann.token);
			id = body.room?.id ?? "";
			return id !== "";
		});
		conversations.push(id);
	}
	const urls = () => site.gateways.map((gateway) => gateway.url);
	const sessions = [new ImSession(urls, ann), new ImSession(() => urls().reverse(), bob)];
	const running = sessions.map((session) => session.run());
	const startedAtMs = performance.now();
	const each = Math.ceil(messages / (2 * size));
	const total = each * 2 * size;
	const intervalMs = (2 * size * 1000) / perSecond;
	const acknowledged = () => sessions.reduce((sum, { acked }) => sum + acked.size, 0);
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
	const faulting = (async () => {
		for (const [index, fault] of faults.entries()) {
			await until(() => acknowledged() >= (total * (index + 1)) / (faults.length + 2));
			onProgress(`${acknowledged()} acknowledged: ${fault.name}`);
			await fault.run();
			onProgress(`${fault.name}: is back, ${acknowledged()} acknowledged`);
		}
	})();
	await Promise.all([...writers, faulting]);
	const seconds = (performance.now() - startedAtMs) / 1000;
	onProgress(`all acknowledged after ${seconds.toFixed(1)} s`);
	const shown = (session: ImSession) => [...session.delivered.values()].reduce((sum, list) => sum + list.length, 0);
	await until(() => sessions.every((session) => shown(session) >= total));
	const lags = { "im-logic": "upstream", framegate: "downstream" };
	const lag: Record<string, number | undefined> = {};
	await until(async () => {
		for (const [group, topic] of Object.entries(lags)) lag[group] = await site.lag(group, topic);
		return Object.values(lag).every((one) => one === 0);
	});
	for (const session of sessions) session.close();
	await Promise.all(running);
	return {
		findings: findings(sessions, conversations),
		acknowledged: acknowledged(),
		delivered: sessions.map(shown),
		seconds,
		lag,
		counts: sessions.map(({ counts }) => counts),
	};
}
