// Rules that run on a box. In v1 the rule service keeps them in Redis and publishes what it executes; in v2 Redis holds the
// last execution of each, and no more.
import { batches } from "../../../common/batches.ts";
import type { BoxExecution, BoxRule, BoxRules } from "../boxes/box-models.ts";
import type { BoxChannels } from "./box-channels.ts";
import { IndexKind, isBoxId, readIndex } from "./box-ids.ts";
import { cut } from "./box-json.ts";
import type { BoxLink } from "./box-link.ts";
import type { BoxDialect, RuleKeys } from "./dialect.ts";
import { readExecutedEvent, readExecution, readRule, ruleOfExecution } from "./rules-records.ts";
import { readSmallKeys, type SmallKey } from "./rules-script.ts";
import { type LastExecution, RulesWatch } from "./rules-watch.ts";
import { readTexts } from "./texts.ts";

export interface RedisBoxRulesOptions {
	/** How often executions are polled where the box does not publish them. */
	readonly pollMs: number;
	/** How often the box is searched for rules that are known by their executions only. */
	readonly discoverMs: number;
	/** Rules whose executions are watched. */
	readonly maxRules: number;
}

export const redisBoxRulesDefaults: RedisBoxRulesOptions = { pollMs: 1000, discoverMs: 10_000, maxRules: 1000 };

/** Of an index up to this size the first ones are the first in order, however few are wanted. */
const SORTED_AT_LEAST = 5000;
/** As JSON within JSON, twice as long, it still is one message (`MAX_SENT_BYTES`). */
const MAX_RULE_BYTES = 240 * 1024;
const MAX_STATE_FIELDS = 200;
const MAX_STATE_TEXT = 4096;
const BATCH = 100;
/** Keys of one step of SCAN, and steps of one search: 100,000 keys are scanned. */
const SCAN_COUNT = 1000;
const MAX_SCANS = 100;

export class RedisBoxRules implements BoxRules {
	private readonly link: BoxLink;
	private readonly keys: RuleKeys;
	private readonly channels: BoxChannels;
	private readonly options: RedisBoxRulesOptions;
	private watch: RulesWatch | undefined;
	private discovered: { readonly atMs: number; readonly ids: readonly string[] } | undefined;

	constructor(link: BoxLink, dialect: BoxDialect, channels: BoxChannels, options: Partial<RedisBoxRulesOptions> = {}) {
		this.link = link;
		this.keys = dialect.rules;
		this.channels = channels;
		this.options = { ...redisBoxRulesDefaults, ...options };
	}

	async ids(onlyActive: boolean, limit: number): Promise<readonly string[]> {
		const index = onlyActive ? this.keys.activeIndex : this.keys.index;
		const atMost = Math.max(limit, SORTED_AT_LEAST);
		const listed = await readIndex(this.link, index, atMost, IndexKind.SET);
		const executed = await this.executedIds();
		const ids = new Set([...listed, ...executed]);
		if (onlyActive && executed.length > 0) {
			const active = new Set(listed);
			// One that the box has on its list of rules, but not of active ones, is not active.
			for (const id of await readIndex(this.link, this.keys.index, atMost, IndexKind.SET)) {
				if (!active.has(id)) ids.delete(id);
			}
		}
		return [...ids].sort().slice(0, limit);
	}

	async get(ids: readonly string[], onRead?: (bytes: number) => void): Promise<readonly (BoxRule | undefined)[]> {
		const rules: (BoxRule | undefined)[] = [];
		for (const batch of batches(ids, BATCH)) rules.push(...(await this.batch(batch, onRead)));
		return rules;
	}

	async state(id: string): Promise<Readonly<Record<string, string>>> {
		if (!isBoxId(id)) return {};
		const executions = this.keys.executionsKey(id);
		const keys = [this.keys.metaKey(id), this.keys.stateKey(id), ...(executions === undefined ? [] : [executions])];
		const hashes = await readSmallKeys(this.link, keys, 0);
		const fields = Object.entries(Object.assign({}, ...hashes.map(({ fields }) => fields)) as Record<string, string>);
		return Object.fromEntries(
			fields.slice(0, MAX_STATE_FIELDS).map(([name, text]) => [name, cut(text, MAX_STATE_TEXT)]),
		);
	}

	async executions(id: string, limit: number): Promise<readonly BoxExecution[]> {
		const key = isBoxId(id) ? this.keys.executionsKey(id) : undefined;
		if (key === undefined || limit <= 0) return [];
		const [found] = await readSmallKeys(this.link, [key], limit);
		return found === undefined ? [] : executionsOf(id, found).slice(0, limit);
	}

	onExecuted(listener: (execution: BoxExecution) => void): void {
		this.channels.listen(this.keys.executedChannel, {
			onMessage: (message) => {
				const execution = readExecutedEvent(message, Date.now());
				if (execution !== undefined) listener(execution);
			},
			onSubscribed: () => undefined,
		});
		if (this.keys.executionsKey("0") === undefined) return;
		const source = { ids: () => this.executedIds(), last: (ids: readonly string[]) => this.last(ids) };
		this.watch = new RulesWatch(source, this.options, listener);
	}

	close(): void {
		this.watch?.close();
	}

	private async batch(ids: readonly string[], onRead?: (bytes: number) => void): Promise<(BoxRule | undefined)[]> {
		const readable = ids.filter(isBoxId);
		const active = await this.link.pipeline((pipeline) => {
			pipeline.exists(this.keys.activeIndex);
			for (const id of readable) pipeline.sismember(this.keys.activeIndex, id);
		});
		const hasList = active[0]?.[1] === 1;
		const rules = new Map<string, BoxRule | undefined>();
		const keys = readable.map((id) => this.keys.ruleKey(id));
		await readTexts(this.link, keys, { maxBytes: MAX_RULE_BYTES, onRead }, (text, index) => {
			const [error, isMember] = active[index + 1] ?? [undefined, undefined];
			const isListed = hasList && error === null ? isMember === 1 : undefined;
			const id = readable[index] as string;
			rules.set(id, readRule(id, text, isListed));
		});
		await this.addExecuted(
			readable.filter((id) => !rules.has(id)),
			rules,
		);
		return ids.map((id) => rules.get(id));
	}

	/** Rules that are known by their executions only. */
	private async addExecuted(ids: readonly string[], rules: Map<string, BoxRule | undefined>): Promise<void> {
		const keys = ids.flatMap((id) => this.keys.executionsKey(id) ?? []);
		const found = await readSmallKeys(this.link, keys, 1);
		for (const [index, key] of found.entries()) {
			const id = ids[index] as string;
			const fields = key.entries[0] ?? key.fields;
			if (Object.keys(fields).length > 0) rules.set(id, ruleOfExecution(id, fields));
		}
	}

	private async last(ids: readonly string[]): Promise<(LastExecution | undefined)[]> {
		const keys = ids.flatMap((id) => this.keys.executionsKey(id) ?? []);
		return (await readSmallKeys(this.link, keys, 1)).map((found, index) => {
			const [execution] = executionsOf(ids[index] as string, found);
			return execution && { execution, content: JSON.stringify(found) };
		});
	}

	/** Ids of the rules that have executions, found by their keys; cached for `discoverMs`. */
	private async executedIds(): Promise<readonly string[]> {
		const pattern = this.keys.executionsKey("*");
		if (pattern === undefined) return [];
		const nowMs = performance.now();
		if (this.discovered !== undefined && nowMs - this.discovered.atMs < this.options.discoverMs)
			return this.discovered.ids;
		const [before = "", after = ""] = pattern.split("*");
		const ids = new Set<string>();
		let cursor = "0";
		for (let scans = 0; scans < MAX_SCANS && ids.size < this.options.maxRules; scans++) {
			const [next, keys] = await this.link.run((client) => client.scan(cursor, "MATCH", pattern, "COUNT", SCAN_COUNT));
			for (const key of keys) {
				const id = key.slice(before.length, key.length - after.length);
				if (isBoxId(id) && ids.size < this.options.maxRules) ids.add(id);
			}
			cursor = next;
			if (cursor === "0") break;
		}
		this.discovered = { atMs: nowMs, ids: [...ids].sort() };
		return this.discovered.ids;
	}
}

function executionsOf(id: string, { fields, entries }: SmallKey): BoxExecution[] {
	return [fields, ...entries].flatMap((kept) => readExecution(id, kept) ?? []);
}
