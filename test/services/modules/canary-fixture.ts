// Processes that agree on canaries, each with a host of its own, and callers.
import type { Identity } from "../../../common/identity.ts";
import type { CanaryBoard } from "../../../services/modules/canary-board.ts";
import { MemoryCanaryBoard } from "../../../services/modules/canary-board-memory.ts";
import type { ModulesOptions } from "../../../services/modules/options.ts";
import { MemoryReloadBarrier } from "../../../services/modules/reload-barrier-memory.ts";
import { ReloadRounds } from "../../../services/modules/reload-rounds.ts";
import type { Caller } from "../../../services/modules/serving-generation.ts";
import { ModuleFixture } from "./module-fixture.ts";

export interface CanaryNode {
	readonly fixture: ModuleFixture;
	readonly rounds: ReloadRounds;
}

export const TRIAL = { calls: 0, minCalls: 10, maxErrorIncrease: 0.05, maxSlowdown: 3 };

/** A caller who is logged in. */
export function user(userId: string, more: Partial<Identity> = {}): Caller {
	const identity: Identity = {
		sessionId: `session of ${userId}`,
		userId,
		username: userId,
		deviceId: "",
		roles: [],
		permissions: new Set(),
		expiresAtMs: Number.MAX_SAFE_INTEGER,
		...more,
	};
	return { identity, ip: "127.0.0.1", traceId: "" };
}

export class CanaryCluster {
	readonly barrier = new MemoryReloadBarrier(() => performance.now());
	board: CanaryBoard = new MemoryCanaryBoard(() => performance.now());
	readonly nodes: CanaryNode[] = [];
	private readonly options: Partial<ModulesOptions>;

	constructor(options: Partial<ModulesOptions> = {}) {
		this.options = { trial: TRIAL, ...options };
	}

	/** Not joined yet. */
	add(nodeId: string): CanaryNode {
		const fixture = new ModuleFixture(this.options);
		const rounds = new ReloadRounds({
			host: fixture.host,
			barrier: this.barrier,
			board: this.board,
			nodeId,
			timeoutMs: 2000,
			keptBundles: 3,
			announce: () => this.announce(),
			logger: fixture.logger({}),
			monotonic: () => performance.now(),
		});
		fixture.onCanaryWorse = (canary, reason) => void rounds.canaries.withdraw(canary, reason);
		const node = { fixture, rounds };
		this.nodes.push(node);
		return node;
	}

	/** All look at what there is to agree on, as they do with each life sign. */
	announce(): void {
		for (const { rounds } of this.nodes) rounds.onAnnounced();
	}

	/** The same files for all. */
	write(file: string, text: string): void {
		for (const { fixture } of this.nodes) fixture.write(file, text);
	}

	async close(): Promise<void> {
		for (const { fixture, rounds } of this.nodes) {
			await rounds.close();
			await fixture.close();
		}
	}
}
