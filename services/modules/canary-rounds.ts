// Canaries on all processes: begun and promoted by a round, judged by the sum of what all have counted, and withdrawn by one word on the
// board, which needs nobody's agreement.
import { randomUUID } from "node:crypto";
import type { Logger } from "../../common/logger.ts";
import type { Canary, CanaryFigures, CanaryPlan } from "./canary.ts";
import type { CanaryBoard, CanaryEnd, CanaryEntry } from "./canary-board.ts";
import type { ModuleBundle } from "./module-bundler.ts";
import type { ModuleHost } from "./module-host.ts";
import type { RoundRequest } from "./reload-decision.ts";
import type { Agree, ReloadReport, ReloadRequest } from "./reload-report.ts";

export interface CanaryRoundsParts {
	readonly host: Pick<ModuleHost, "canaries" | "canaryHost" | "generations" | "restore" | "pass">;
	readonly board: CanaryBoard;
	/** Of this process, as rounds know it. */
	readonly member: string;
	/** Opens a round; what comes of it is logged. */
	readonly open: (content: RoundRequest) => Promise<unknown>;
	/** Has the other processes look at the board. */
	readonly announce: () => void;
	readonly logger: Logger;
}

/** What the board keeps of a canary, for processes that start meanwhile. */
interface CanaryContent {
	readonly plan: CanaryPlan;
	readonly by: string;
	readonly serving: ModuleBundle;
	readonly canary: ModuleBundle;
}

export type CanaryWish = Pick<CanaryPlan, "share" | "calls" | "durationMs">;

interface Unrecorded {
	readonly id: string;
	readonly module: string;
	readonly digest: string;
}

export class CanaryRounds {
	private readonly parts: CanaryRoundsParts;
	/** Withdrawn here, and not on the board yet: it was unreachable. */
	private readonly unrecorded = new Map<string, Unrecorded>();
	private isPromoting = false;

	constructor(parts: CanaryRoundsParts) {
		this.parts = parts;
	}

	/** What a round about a new canary carries. */
	newRound(module: string, wish: CanaryWish, request: ReloadRequest): RoundRequest {
		return { kind: "canary", request, module, plan: { ...wish, id: randomUUID() } };
	}

	/** This process's part in a round. */
	async begin(module: string, plan: CanaryPlan, request: ReloadRequest, agree: Agree): Promise<ReloadReport> {
		const report = await this.parts.host.canaryHost.begin(module, plan, request, agree);
		const canary = this.parts.host.canaries.of(module);
		if (canary?.parts.plan.id === plan.id) await this.record(canary);
		return report;
	}

	/** This process's part in a round. */
	promote(module: string, id: string, request: ReloadRequest, agree: Agree): Promise<ReloadReport> {
		const digest = this.parts.host.canaries.of(module)?.parts.generation.parts.bundle.digest ?? "";
		const claim = () => this.parts.board.end(id, module, "promoted", digest);
		return this.parts.host.canaryHost.promote(module, id, request, agree, claim);
	}

	/** Here at once, and on all processes as soon as they see the board. @returns what serves here. */
	async withdraw(canary: Canary, reason: string): Promise<ReloadReport> {
		const { host, logger } = this.parts;
		const { bundle } = canary.parts.generation.parts;
		const report = host.canaryHost.withdraw(canary, reason);
		const one = { id: canary.parts.plan.id, module: canary.name, digest: bundle.digest };
		this.unrecorded.set(one.id, one);
		try {
			// The others had promoted it before this was known there.
			if ((await this.sayWithdrawn(one)) === "promoted") return await host.restore(bundle, { origin: "promote" });
		} catch (error) {
			logger.error({ err: error, module: canary.name }, "a canary is withdrawn here; the others will know later");
		}
		return report;
	}

	/** This process's part in a round about a canary that is withdrawn: it reports what serves here. */
	async withdrawn(module: string, id: string, agree: Agree): Promise<ReloadReport> {
		const { canaries, canaryHost, generations } = this.parts.host;
		const canary = canaries.of(module);
		if (canary?.parts.plan.id === id) canaryHost.withdraw(canary, "it was withdrawn");
		const parts = generations.find(({ name }) => name === module)?.parts;
		const digest = parts?.bundle.digest ?? "";
		await agree({ outcomes: new Map([[module, digest]]), problems: [] });
		const loaded = parts === undefined ? [] : [{ module, generation: parts.number, digest }];
		return { loaded, unchanged: [], removed: [], problems: [] };
	}

	/** Canaries that go on, by module, for a process that starts. Never rejects. */
	async known(): Promise<ReadonlyMap<string, CanaryEntry>> {
		try {
			this.parts.host.pass(await this.parts.board.passed());
			const entries = await this.parts.board.all();
			return new Map(entries.map((entry) => [(JSON.parse(entry.content) as CanaryContent).serving.name, entry]));
		} catch (error) {
			this.parts.logger.warn({ err: error }, "canaries of other processes are not seen yet; will retry");
			return new Map();
		}
	}

	/** Serves what the others serve, and the canary beside it. */
	async adopt({ id, content }: CanaryEntry): Promise<void> {
		const { host, logger } = this.parts;
		const { plan, by, serving, canary } = JSON.parse(content) as CanaryContent;
		if (host.canaries.of(serving.name)?.parts.plan.id === id) return;
		const present = host.generations.find(({ name }) => name === serving.name)?.parts.bundle.digest;
		if (present !== serving.digest) await host.restore(serving, { origin: "start" });
		logger.info({ module: serving.name, canary: id }, "taking part in a canary of other processes");
		await host.canaryHost.begin(serving.name, plan, { origin: "start", by }, undefined, canary);
	}

	/** With each life sign: says what was counted here, and does what the board says, or what all have counted shows. */
	async sign(): Promise<void> {
		for (const one of [...this.unrecorded.values()]) await this.sayWithdrawn(one);
		for (const canary of this.parts.host.canaries.all()) await this.look(canary);
	}

	/** A process that missed the beginning of a canary takes part. */
	async catchUp(): Promise<void> {
		const mine = new Set(this.parts.host.canaries.all().map(({ parts }) => parts.plan.id));
		for (const entry of await this.parts.board.all()) if (!mine.has(entry.id)) await this.adopt(entry);
	}

	private async look(canary: Canary): Promise<void> {
		const { board, member, host, logger } = this.parts;
		const { id } = canary.parts.plan;
		const state = await board.report(id, member, JSON.stringify(canary.figures()));
		// The store has lost it.
		if (state === undefined) return await this.record(canary);
		if (state.ended === "withdrawn") host.canaryHost.withdraw(canary, "another process withdrew it");
		else if (state.ended === "promoted") {
			const request = { origin: "promote" } as const;
			await host.canaryHost.promote(canary.name, id, request, undefined, async () => "promoted");
		} else {
			const all = [...state.figures.values()].map((text) => JSON.parse(text) as CanaryFigures);
			const verdict = canary.verdict(all, state.elapsedMs);
			if (verdict === "promote") this.promoteSoon(canary);
			else if (verdict !== undefined) {
				logger.error({ module: canary.name, reason: verdict.withdraw }, "a canary does worse: going back");
				await this.withdraw(canary, verdict.withdraw);
			}
		}
	}

	/** Life signs go on meanwhile. One of the processes is first. */
	private promoteSoon(canary: Canary): void {
		if (this.isPromoting) return;
		this.isPromoting = true;
		const { open, logger } = this.parts;
		const request = { origin: "promote", by: "its calls are as good" } as const;
		open({ kind: "promote", request, module: canary.name, id: canary.parts.plan.id })
			.catch((error: unknown) =>
				logger.warn({ err: error, module: canary.name }, "promoting a canary failed; will retry"),
			)
			.finally(() => {
				this.isPromoting = false;
			});
	}

	private async record({ name, parts }: Canary): Promise<void> {
		const { plan, by, generation, beside } = parts;
		const content: CanaryContent = { plan, by, serving: beside.parts.bundle, canary: generation.parts.bundle };
		await this.parts.board.begin(plan.id, name, JSON.stringify(content));
	}

	private async sayWithdrawn({ id, module, digest }: Unrecorded): Promise<CanaryEnd> {
		const end = await this.parts.board.end(id, module, "withdrawn", digest);
		this.unrecorded.delete(id);
		this.parts.announce();
		return end;
	}
}
