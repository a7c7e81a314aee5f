// The barrier of a product that is one process, or of several hosts in a test that share it.
import type { ReloadBarrier, RoundStage, RoundState } from "./reload-barrier.ts";

interface Round {
	readonly id: string;
	readonly content: string;
	readonly members: readonly string[];
	readonly untilMs: number;
	readonly prepared: Map<string, string>;
	readonly done: Map<string, string>;
	decision: string | undefined;
	isClosed: boolean;
}

export class MemoryReloadBarrier implements ReloadBarrier {
	private readonly now: () => number;
	private readonly members = new Map<string, number>();
	private readonly bundles = new Map<string, readonly string[]>();
	private round: Round | undefined;
	private decided: { readonly id: string; readonly decision: string } | undefined;

	/** @param now - milliseconds that never go back. */
	constructor(now: () => number) {
		this.now = now;
	}

	async join(member: string, ttlMs: number): Promise<string | undefined> {
		this.members.set(member, this.now() + ttlMs);
		return this.isOpen(this.round) ? this.round?.id : undefined;
	}

	async leave(member: string): Promise<void> {
		this.members.delete(member);
	}

	async open(id: string, member: string, content: string, ttlMs: number): Promise<boolean> {
		if (this.isOpen(this.round)) return false;
		for (const [name, untilMs] of this.members) if (untilMs <= this.now()) this.members.delete(name);
		const members = [...new Set([member, ...this.members.keys()])].sort();
		const untilMs = this.now() + ttlMs;
		const reports = { prepared: new Map<string, string>(), done: new Map<string, string>() };
		this.round = { id, content, members, untilMs, ...reports, decision: undefined, isClosed: false };
		return true;
	}

	async content(id: string): Promise<string | undefined> {
		return this.roundOf(id)?.content;
	}

	async read(id: string): Promise<RoundState | undefined> {
		const round = this.roundOf(id);
		if (round === undefined) return undefined;
		const { members, decision, prepared, done } = round;
		const alive = new Set(members.filter((member) => (this.members.get(member) ?? 0) > this.now()));
		return { id, members, alive, decision, prepared: new Map(prepared), done: new Map(done) };
	}

	async report(id: string, member: string, stage: RoundStage, content: string): Promise<boolean> {
		const round = this.roundOf(id);
		round?.[stage].set(member, content);
		return round !== undefined;
	}

	async decide(id: string, decision: string): Promise<string | undefined> {
		const round = this.roundOf(id);
		if (round === undefined) return undefined;
		if (round.decision === undefined) {
			round.decision = decision;
			this.decided = { id, decision };
		}
		return round.decision;
	}

	async close(id: string): Promise<void> {
		const round = this.roundOf(id);
		if (round !== undefined) round.isClosed = true;
	}

	async keep(module: string, bundle: string, limit: number): Promise<void> {
		const others = (this.bundles.get(module) ?? []).filter((one) => one !== bundle);
		this.bundles.set(module, [bundle, ...others].slice(0, limit));
	}

	async kept(module: string): Promise<readonly string[]> {
		return this.bundles.get(module) ?? [];
	}

	async last(): Promise<{ readonly id: string; readonly decision: string } | undefined> {
		return this.decided;
	}

	private roundOf(id: string): Round | undefined {
		const { round } = this;
		return round?.id === id && round.untilMs > this.now() ? round : undefined;
	}

	private isOpen(round: Round | undefined): boolean {
		return round !== undefined && !round.isClosed && round.untilMs > this.now();
	}
}
