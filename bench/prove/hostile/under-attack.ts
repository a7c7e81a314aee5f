// What the scenarios of hostile clients have in common: bystanders are timed while all is calm and during the attack, in the
// same run; none of them may be slowed by more than is stated here, and a few seconds later none may be slowed at all.
import type { GatewayProcess } from "../../../test/support/gateway.ts";
import type { Check, Context, Outcome } from "../scenario.ts";
import { atLeast, atMost, pause } from "../under-load.ts";
import { NodeWatch } from "../watch.ts";
import { Bystanders, CHATTERS, type Kind, kinds } from "./bystanders.ts";
import { Control } from "./control.ts";

/** The most that the p99 during an attack may be of the p99 before it. */
const MAX_RATIO = 3;
/**
 * Below this a ratio says nothing: on two processors that nodes, stores, attackers and bystanders share, a process that is
 * ready to run waits for so long now and then. A message is committed by the disk before it goes out. A login computes an
 * argon2id hash of some 40 ms, for which it may have to wait behind two others.
 */
const FLOOR_MS: Readonly<Record<Kind, number>> = { heartbeat: 50, chat: 80, login: 300 };
const RECOVERED_WITHIN_MS = 5000;
const RECOVERY_WINDOW_MS = 1000;
const RECOVERY_GIVEN_UP_MS = 10_000;
/** For what is in flight at the end. */
const SETTLE_MS = 1000;

export interface Ordeal {
	/** MB that a node may have resident, native memory included. */
	readonly maxRssMb: number;
	/** Before the calm phase. */
	prepare?(): Promise<void>;
	/** Lasts for so many seconds. @returns how much was done, by what. */
	attack(seconds: number): Promise<Readonly<Record<string, number>>>;
	/** Bystanders are affected too: without Redis no message crosses nodes. */
	readonly isOutage?: boolean;
	/** What else the scenario demands. */
	checks?(): Promise<readonly Check[]>;
}

/** Steps that `underAttack` announces. */
export const ATTACK_STEPS = 4;

interface Phase {
	readonly kind: Kind;
	readonly calmMs: number;
	readonly attackMs: number;
	/** The most that `attackMs` may be. */
	readonly allowedMs: number;
	readonly count: number;
}

export async function underAttack(context: Context, ordeal: Ordeal): Promise<Outcome> {
	const { plan, nodes } = context;
	context.step("bystanders connect");
	const pids = nodes.map(({ pid }) => pid);
	const bystanders = await Bystanders.gather(nodes.map(({ url }) => url));
	context.atEnd(() => bystanders.end());
	await ordeal.prepare?.();
	const control = await Control.start();
	context.atEnd(() => control.end());
	const watch = new NodeWatch(nodes);
	context.atEnd(() => watch.end());
	context.step(`${plan.calmSeconds} s of calm`);
	bystanders.begin();
	const calmAtMs = performance.now();
	await pause(plan.calmSeconds * 1000);
	context.step(`${plan.attackSeconds} s of attack`);
	const attackAtMs = performance.now();
	const done = await ordeal.attack(plan.attackSeconds);
	const endedAtMs = performance.now();
	context.step("recovery");
	const controlMs = control.samples.p99(attackAtMs, endedAtMs);
	const measure = () => kinds.map((kind) => phaseOf(kind, bystanders, controlMs, [calmAtMs, attackAtMs, endedAtMs]));
	const recoveredAfterMs = Math.round(
		await recovery(bystanders, nodes, plan.judgesLatency ? measure() : [], endedAtMs),
	);
	bystanders.stop();
	await pause(SETTLE_MS);
	// Requests that the attack has delayed are answered by now, and count.
	const phases = measure();
	const watched = watch.end();
	const died = nodes.filter((node, index) => hasEnded(node) || node.pid !== pids[index]).length;
	const total = Object.values(done).reduce((sum, count) => sum + count, 0);
	const times = phases.flatMap(({ kind, calmMs, attackMs }) => [
		[`${kind}CalmP99Ms`, round(calmMs)],
		[`${kind}AttackP99Ms`, round(attackMs)],
	]);
	return {
		figures: {
			clients: CHATTERS,
			acknowledged: bystanders.messages,
			failures: bystanders.failures.length,
			...Object.fromEntries(times),
			controlAttackP99Ms: round(controlMs),
			recoveredAfterMs,
			...watched,
			...done,
		},
		checks: [
			atMost("nodes that died", died, 0),
			atMost("health checks at which a node was not live", watched.notLive, 0),
			atMost("MB that a node had resident", watched.maxRssMb, ordeal.maxRssMb),
			atMost("ms until all was as before", recoveredAfterMs, RECOVERED_WITHIN_MS),
			// Otherwise nothing has been proven.
			atLeast("things done to the nodes", total, 1),
			...(ordeal.isOutage === true ? [] : unmoved(bystanders, phases, plan.judgesLatency)),
			...((await ordeal.checks?.()) ?? []),
		],
		examples: [...new Set(bystanders.failures)].slice(0, 5),
	};
}

function phaseOf(kind: Kind, bystanders: Bystanders, controlMs: number, at: readonly [number, number, number]): Phase {
	const samples = bystanders.samples[kind];
	const [calmAtMs, attackAtMs, endedAtMs] = at;
	const calmMs = samples.p99(calmAtMs, attackAtMs);
	const attackMs = samples.p99(attackAtMs, endedAtMs);
	const allowedMs = Math.max(FLOOR_MS[kind], MAX_RATIO * Math.max(calmMs, controlMs));
	return { kind, calmMs, attackMs, allowedMs, count: samples.count(attackAtMs, endedAtMs) };
}

function unmoved(bystanders: Bystanders, phases: readonly Phase[], judgesLatency: boolean): Check[] {
	return [
		atMost("requests and connections of bystanders that failed", bystanders.failures.length, 0),
		atMost("messages that a member of the room did not get", bystanders.undelivered, 0),
		...phases.flatMap(({ kind, calmMs, attackMs, allowedMs, count }) => [
			atLeast(`${kind}s of bystanders`, count, 1),
			...(judgesLatency
				? [
						{
							what: `p99 of a ${kind} in ms, at most ${round(allowedMs)}`,
							holds: attackMs <= allowedMs,
							found: `${round(attackMs)}, ${round(calmMs)} before`,
						},
					]
				: []),
		]),
	];
}

/** Until every node is ready, and for a second everything was as quick as before. @returns when that second began, in milliseconds after `sinceMs`. */
async function recovery(
	bystanders: Bystanders,
	nodes: readonly GatewayProcess[],
	phases: readonly Phase[],
	sinceMs: number,
): Promise<number> {
	for (let fromMs = sinceMs; fromMs - sinceMs < RECOVERY_GIVEN_UP_MS; fromMs += RECOVERY_WINDOW_MS / 2) {
		await pause(Math.max(0, fromMs + RECOVERY_WINDOW_MS - performance.now()));
		if (nodes.some(hasEnded)) break;
		const isReady = (await Promise.all(nodes.map(isNodeReady))).every(Boolean);
		const isQuick = phases.every(({ kind, allowedMs }) => {
			const { [kind]: samples } = bystanders.samples;
			// Logins are too few to be in every second.
			return kind === "login" || (samples.count(fromMs) > 0 && samples.p99(fromMs) <= allowedMs);
		});
		if (isReady && isQuick) return fromMs - sinceMs;
	}
	return RECOVERY_GIVEN_UP_MS;
}

function hasEnded({ process: { exitCode, signalCode } }: GatewayProcess): boolean {
	return exitCode !== null || signalCode !== null;
}

async function isNodeReady({ httpUrl }: GatewayProcess): Promise<boolean> {
	try {
		return (await fetch(`${httpUrl}/ready`, { signal: AbortSignal.timeout(1000) })).ok;
	} catch {
		return false;
	}
}

function round(ms: number): number {
	return Math.round(ms * 10) / 10;
}
