// Reloads that all processes carry out together. The process that is asked opens a round; each loads what it has, reports what it could
// serve, and waits; the decision is made by module: it switches where every process has the same code of it, and stays as it is otherwise.
import { randomUUID } from "node:crypto";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import { unavailable } from "../../protocol/error.ts";
import type { CanaryBoard } from "./canary-board.ts";
import { CanaryRounds, type CanaryWish } from "./canary-rounds.ts";
import type { ModuleBundle } from "./module-bundler.ts";
import type { ModuleHost } from "./module-host.ts";
import type { ReloadBarrier, RoundState } from "./reload-barrier.ts";
import {
	abort,
	type Decision,
	decisionOf,
	type NodeOutcome,
	onlyUnavailable,
	outcomesOf,
	type RoundRequest,
	refusedBy,
	servingOf,
	splitModules,
	votesText,
} from "./reload-decision.ts";
import type { Agree, ReloadReport, ReloadRequest, Votes } from "./reload-report.ts";

export interface ReloadRoundsParts {
	readonly host: Pick<
		ModuleHost,
		"reload" | "restore" | "bundleOf" | "generations" | "canaries" | "canaryHost" | "pass"
	>;
	readonly barrier: ReloadBarrier;
	readonly board: CanaryBoard;
	/** Of this process, for people; another one may have the same. */
	readonly nodeId: string;
	/** Longest wait for all processes to load, in milliseconds. */
	readonly timeoutMs: number;
	/** Of each module. */
	readonly keptBundles: number;
	/** Notifies the other processes that a round is open; those that miss it see it with their next life sign. */
	readonly announce: () => void;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly monotonic: () => number;
}

export interface ClusterReport extends ReloadReport {
	/** What became of it on each process that was alive. */
	readonly nodes: readonly NodeOutcome[];
}

const LIFE_INTERVAL_MS = 2000;
/** A process that has given no life sign for so long is not waited for. */
const LIFE_TTL_MS = 3 * LIFE_INTERVAL_MS;
/** Between two looks at a round, at first and later. */
const FIRST_POLL_MS = 2;
const POLL_MS = 50;
/** The others wait so much longer than the opener; then they decide without it. */
const OPENER_GONE_MS = 5000;
/** To switch, state included. */
const DONE_TIMEOUT_MS = 30_000;
const BUSY_RETRY_MS = 1000;

/** @param turn - how often was waited already. */
function pause(turn: number): Promise<void> {
	const delayMs = Math.min(POLL_MS, FIRST_POLL_MS * 2 ** Math.min(turn, 10));
	return new Promise((resolve) => setTimeout(resolve, delayMs));
}

export class ReloadRounds {
	private readonly parts: ReloadRoundsParts;
	readonly canaries: CanaryRounds;
	private readonly member: string;
	private readonly life: PeriodicTask;
	/** The last round that this process took part in, or that was over when it started. */
	private known = "";
	private current: { readonly id: string; readonly part: Promise<ReloadReport> } | undefined;
	private isJoined = false;
	private isStopping = false;

	constructor(parts: ReloadRoundsParts) {
		this.parts = parts;
		this.member = `${parts.nodeId}/${randomUUID().slice(0, 8)}`;
		const { member } = this;
		this.canaries = new CanaryRounds({ ...parts, member, open: (content) => this.open(content) });
		this.life = new PeriodicTask({
			intervalMs: LIFE_INTERVAL_MS,
			run: () => this.sign(),
			onError: (error) => parts.logger.debug({ err: error }, "a life sign for reloads failed; the next one will retry"),
		});
	}

	/** Loads what is there, as it serves on the other processes: with their canaries, and without code that they went back from. */
	async start(): Promise<void> {
		const { host, logger } = this.parts;
		const canaries = await this.canaries.known();
		const { unchanged } = await host.reload({ origin: "start" }, undefined, new Set(canaries.keys()));
		const serving = new Set(host.generations.map(({ name }) => name));
		try {
			for (const entry of canaries.values()) await this.canaries.adopt(entry);
			for (const name of unchanged) if (!serving.has(name)) await this.startEarlier(name);
		} catch (error) {
			logger.error({ err: error }, "what the other processes serve could not be loaded; will retry");
		}
	}

	/** Of code that was gone back from. */
	private async startEarlier(name: string): Promise<void> {
		const { host, logger } = this.parts;
		const bundle = await this.keptElsewhere(name, "");
		logger.warn(
			{ module: name, digest: bundle?.digest ?? "" },
			"the files of a module are code that was gone back from",
		);
		if (bundle !== undefined) await host.restore(bundle, { origin: "start" });
	}

	/** From now on rounds of others are taken part in. Never rejects: without the store, later. */
	async join(): Promise<void> {
		if (this.isJoined) return;
		this.isJoined = true;
		try {
			await this.compare();
			await this.parts.barrier.join(this.member, LIFE_TTL_MS);
		} catch (error) {
			this.parts.logger.warn({ err: error }, "reloads of other processes are not seen yet; will retry");
		}
		this.life.start();
	}

	async close(): Promise<void> {
		this.isStopping = true;
		await this.life.close();
		if (this.isJoined) await this.parts.barrier.leave(this.member).catch(() => {});
	}

	/** @throws GatewayError UNAVAILABLE: another reload goes on for too long, or the store is unreachable. */
	reload(request: ReloadRequest): Promise<ClusterReport> {
		return this.open({ kind: "reload", request });
	}

	/** A new generation for a share of users, beside the one that serves. @throws as `reload`. */
	canary(module: string, wish: CanaryWish, request: ReloadRequest): Promise<ClusterReport> {
		return this.open(this.canaries.newRound(module, wish, request));
	}

	/** The canary of a module serves all. @throws as `reload`. */
	async promote(module: string, request: ReloadRequest): Promise<ClusterReport> {
		const canary = this.parts.host.canaries.of(module);
		if (canary === undefined) return nothing(module, "there is no canary of it");
		return await this.open({ kind: "promote", request, module, id: canary.parts.plan.id });
	}

	/**
	 * Serves an earlier bundle again, everywhere: also where it is not kept. A canary of the module is withdrawn instead.
	 *
	 * @param digest - as in `ModuleHost.bundleOf`.
	 */
	async rollback(name: string, digest: string, request: ReloadRequest): Promise<ClusterReport> {
		const canary = this.parts.host.canaries.of(name);
		if (canary !== undefined) {
			await this.canaries.withdraw(canary, request.by ?? request.origin);
			return await this.open({ kind: "withdraw", request, module: name, id: canary.parts.plan.id });
		}
		const bundle = this.parts.host.bundleOf(name, digest) ?? (await this.keptElsewhere(name, digest));
		if (bundle !== undefined) return await this.open({ kind: "restore", request, bundle });
		return nothing(name, `no earlier bundle is kept${digest === "" ? "" : ` whose digest begins with ${digest}`}`);
	}

	/** A process that was started since has replaced nothing itself. */
	private async keptElsewhere(name: string, digest: string): Promise<ModuleBundle | undefined> {
		const serving = this.parts.host.generations.find((generation) => generation.name === name)?.parts.bundle.digest;
		const kept = (await this.parts.barrier.kept(name)).map((text) => JSON.parse(text) as ModuleBundle);
		return kept.find((bundle) => bundle.digest !== serving && bundle.digest.startsWith(digest));
	}

	/** Another process says that a round is open. */
	onAnnounced(): void {
		if (!this.isJoined) return;
		this.sign().catch((error: unknown) =>
			this.parts.logger.warn({ err: error }, "joining a reload failed; will retry"),
		);
	}

	private async open(content: RoundRequest): Promise<ClusterReport> {
		const { barrier, timeoutMs, announce, monotonic, host } = this.parts;
		const id = randomUUID();
		const text = JSON.stringify(content);
		await barrier.join(this.member, LIFE_TTL_MS);
		const untilMs = monotonic() + timeoutMs;
		const ttlMs = 2 * timeoutMs + OPENER_GONE_MS + DONE_TIMEOUT_MS;
		for (let turn = 0; !(await barrier.open(id, this.member, text, ttlMs)); turn++) {
			if (monotonic() >= untilMs) throw unavailable("the reload of modules", BUSY_RETRY_MS);
			await pause(turn);
		}
		const before = new Map(host.generations.map(({ name, parts }) => [name, parts.bundle]));
		announce();
		const [report, nodes] = await Promise.allSettled([this.takePart(id, content), this.coordinate(id)]);
		await barrier.close(id).catch(() => {});
		if (report.status === "rejected") throw report.reason;
		if (nodes.status === "rejected") throw nodes.reason;
		await this.keepReplaced(report.value, before, content);
		await this.undo(nodes.value, before, content);
		return { ...report.value, nodes: nodes.value };
	}

	/** A life sign; and what it shows of rounds. */
	private async sign(): Promise<void> {
		const { barrier } = this.parts;
		const id = await barrier.join(this.member, LIFE_TTL_MS);
		if (this.current === undefined) await this.canaries.sign();
		if (id === undefined) return await this.catchUp();
		if (this.current?.id === id || this.known === id) return;
		const state = await barrier.read(id);
		// A round that began without this process: its decision is caught up with.
		if (state === undefined || !state.members.includes(this.member)) return;
		const text = await barrier.content(id);
		if (text === undefined) return;
		// Life signs go on meanwhile.
		this.takePart(id, JSON.parse(text) as RoundRequest).catch((error: unknown) => {
			this.parts.logger.error({ err: error, round: id }, "reloading modules failed");
		});
	}

	/** Never two parts in one round. */
	private takePart(id: string, content: RoundRequest): Promise<ReloadReport> {
		if (this.current?.id === id) return this.current.part;
		const part = this.runPart(id, content).finally(() => {
			this.known = id;
			this.current = undefined;
		});
		this.current = { id, part };
		return part;
	}

	private async runPart(id: string, content: RoundRequest): Promise<ReloadReport> {
		const { barrier } = this.parts;
		const agree: Agree = (votes) => this.agree(id, votes);
		try {
			const report = await this.carryOut(content, agree);
			await barrier.report(id, this.member, "done", JSON.stringify(report));
			return report;
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			const votes: Votes = { outcomes: new Map(), problems: [] };
			const report: ReloadReport = { loaded: [], unchanged: [], removed: [], problems: [{ module: "", message }] };
			// The others wait for both.
			await barrier.report(id, this.member, "prepared", votesText(votes, message)).catch(() => {});
			await barrier.report(id, this.member, "done", JSON.stringify(report)).catch(() => {});
			throw error;
		}
	}

	private carryOut(content: RoundRequest, agree: Agree): Promise<ReloadReport> {
		const { host } = this.parts;
		switch (content.kind) {
			case "reload":
				return host.reload(content.request, agree);
			case "restore":
				return host.restore(content.bundle, content.request, agree);
			case "canary":
				return this.canaries.begin(content.module, content.plan, content.request, agree);
			case "promote":
				return this.canaries.promote(content.module, content.id, content.request, agree);
			case "withdraw":
				return this.canaries.withdrawn(content.module, content.id, agree);
			default:
				return content satisfies never;
		}
	}

	private async agree(id: string, votes: Votes): Promise<ReadonlyMap<string, string>> {
		await this.parts.barrier.report(id, this.member, "prepared", votesText(votes));
		this.parts.logger.info({ round: id }, "modules are prepared, waiting for the other processes");
		return refusedBy(await this.decision(id), votes);
	}

	/** Waits for what is decided. When the opener is gone, nothing is, and that is decided here. */
	private async decision(id: string): Promise<Decision> {
		const { barrier, timeoutMs, monotonic } = this.parts;
		const untilMs = monotonic() + timeoutMs + OPENER_GONE_MS;
		for (let turn = 0; ; turn++) {
			const state = await barrier.read(id).catch(onlyUnavailable);
			if (state?.decision !== undefined) return decisionOf(state.decision);
			// It may never be: nothing switches here any more.
			if (this.isStopping) return abort("the process is stopping");
			if (monotonic() >= untilMs) {
				const decided = await barrier.decide(id, JSON.stringify(abort("the process that asked for it is gone")));
				return decided === undefined ? abort("the round is over") : decisionOf(decided);
			}
			await pause(turn);
		}
	}

	/** Of the opener: decides when all have reported that are alive, and waits until all have switched. */
	private async coordinate(id: string): Promise<readonly NodeOutcome[]> {
		const { barrier, timeoutMs } = this.parts;
		const isAwaited = (member: string, { alive }: RoundState) => alive.has(member) || member === this.member;
		const isReady = (state: RoundState) =>
			state.members.every((member) => state.prepared.has(member) || !isAwaited(member, state));
		const ready = await this.until(id, timeoutMs, (state) => this.isStopping || isReady(state));
		const decided = await barrier.decide(id, JSON.stringify(splitModules(ready)));
		if (decided === undefined) throw unavailable("the reload of modules", BUSY_RETRY_MS);
		// A process that stops still says what became of it here.
		const state = await this.until(id, DONE_TIMEOUT_MS, (now) => {
			const awaited = this.isStopping ? [this.member] : [...now.prepared.keys()];
			return awaited.every((member) => now.done.has(member) || !isAwaited(member, now));
		});
		return outcomesOf(state);
	}

	/** Reads the round until something holds, or the time is over. @throws GatewayError UNAVAILABLE when it is lost. */
	private async until(id: string, limitMs: number, holds: (state: RoundState) => boolean): Promise<RoundState> {
		const { barrier, monotonic } = this.parts;
		const untilMs = monotonic() + limitMs;
		for (let turn = 0; ; turn++) {
			const state = await barrier.read(id);
			if (state === undefined) throw unavailable("the reload of modules", BUSY_RETRY_MS);
			if (holds(state) || monotonic() >= untilMs) return state;
			await pause(turn);
		}
	}

	private async keepReplaced(
		{ loaded }: ReloadReport,
		before: ReadonlyMap<string, ModuleBundle>,
		{ kind }: RoundRequest,
	): Promise<void> {
		const { barrier, board, keptBundles, logger } = this.parts;
		const isBack = kind === "restore";
		const pass = (name: string) => board.pass(name, isBack ? (before.get(name)?.digest ?? "") : "");
		const passing = kind === "canary" || kind === "withdraw" ? [] : loaded.map(({ module }) => pass(module));
		const replaced = loaded.flatMap(({ module }) => before.get(module) ?? []);
		const keep = (bundle: ModuleBundle) => barrier.keep(bundle.name, JSON.stringify(bundle), keptBundles);
		await Promise.all([...replaced.map(keep), ...passing]).catch((error: unknown) => {
			logger.warn({ err: error }, "replaced bundles are kept by the processes that had them only");
		});
	}

	/** A hand-over of state may fail on one process when all have agreed: then the others go back. */
	private async undo(
		nodes: readonly NodeOutcome[],
		before: ReadonlyMap<string, ModuleBundle>,
		{ kind, request }: RoundRequest,
	): Promise<void> {
		if (request.origin === "undo" || kind === "withdraw") return;
		const loaded = new Set(nodes.flatMap((node) => node.loaded));
		const failed = nodes.flatMap(({ problems }) => problems).filter(({ module }) => loaded.has(module));
		for (const name of new Set(failed.map(({ module }) => module))) {
			const bundle = before.get(name);
			const canary = kind === "canary" ? this.parts.host.canaries.of(name) : undefined;
			this.parts.logger.error(
				{ module: name, kind },
				"a module switched on some processes and not on others: going back",
			);
			if (canary !== undefined) await this.canaries.withdraw(canary, "a process could not begin it");
			else if (bundle !== undefined) await this.open({ kind: "restore", request: { origin: "undo" }, bundle });
		}
	}

	/** Whether what was decided last is what serves here. */
	private async compare(): Promise<void> {
		const last = await this.parts.barrier.last();
		if (last === undefined) return;
		this.known = last.id;
		const apart = this.apartFrom(decisionOf(last.decision));
		// As it should be after a deployment.
		if (apart.length > 0) {
			this.parts.logger.info({ modules: apart }, "modules serve other code than the last reload agreed on");
		}
	}

	private apartFrom({ commit }: Decision): readonly object[] {
		const serving = new Map(this.parts.host.generations.map(({ name, parts }) => [name, parts.bundle.digest]));
		const apart = Object.entries(commit).filter(([name, digest]) => servingOf(digest) !== (serving.get(name) ?? ""));
		return apart.map(([name, agreed]) => ({ module: name, agreed, serving: serving.get(name) ?? "" }));
	}

	/** A process that was cut off when others decided does what they did, as far as it has the same code. */
	private async catchUp(): Promise<void> {
		const { barrier, host, logger } = this.parts;
		const last = await barrier.last();
		if (last === undefined || last.id === this.known || this.current !== undefined) return;
		this.known = last.id;
		await this.canaries.catchUp();
		const decision = decisionOf(last.decision);
		const missed = this.apartFrom(decision);
		if (missed.length === 0) return;
		logger.warn({ round: last.id, modules: missed }, "catching up with a reload that this process missed");
		await host.reload({ origin: "request", acceptContractChanges: true }, async (votes) => refusedBy(decision, votes));
		const apart = this.apartFrom(decision);
		if (apart.length === 0) return;
		logger.error({ modules: apart }, "modules serve other code here than the processes agreed on: the files differ");
	}
}

function nothing(module: string, message: string): ClusterReport {
	return { loaded: [], unchanged: [], removed: [], problems: [{ module, message }], nodes: [] };
}
