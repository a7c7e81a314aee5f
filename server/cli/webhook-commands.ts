// Commands on outputs: what waits, what could not be delivered, and trying that again. They work on the database directly, beside a
// running gateway.
import process from "node:process";
import type { DeadLetter, OutputStore } from "../../services/outputs/output-store.ts";
import { SqlOutputStore } from "../../services/outputs/store/output-store-sql.ts";
import type { Config } from "../config/config.ts";
import { CommandError } from "./failure.ts";
import type { CommonFlags } from "./flags.ts";
import { withAccounts } from "./open-accounts.ts";
import { formatTable } from "./table.ts";

interface JsonFlags extends CommonFlags {
	readonly json?: boolean;
}

interface DeadFlags extends JsonFlags {
	readonly limit: number;
	/** With what would have been sent. */
	readonly body?: boolean;
}

interface ChoiceFlags extends CommonFlags {
	readonly all?: boolean;
}

const PAGE = 200;
/** Dead letters changed in one transaction. */
const BATCH = 500;

/** `framegate webhooks list` */
export async function listOutputs(flags: JsonFlags): Promise<void> {
	await withStore(flags, async (store, { outputs }) => {
		const rows = await Promise.all(
			namesOf(outputs).map(async (name) => {
				const { pending, pendingBytes, oldestAtMs, deadLetters } = await store.usage(name);
				const oldest = oldestAtMs === 0 ? null : new Date(oldestAtMs).toISOString();
				return { name, pending, pendingBytes, oldest, deadLetters };
			}),
		);
		if (flags.json) {
			process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
			return;
		}
		const columns = ["name", "pending", "bytes", "oldest", "dead letters"];
		const lines = rows.map(({ name, pending, pendingBytes, oldest, deadLetters }) => {
			return [name, String(pending), String(pendingBytes), oldest ?? "", String(deadLetters)];
		});
		process.stdout.write(formatTable(columns, lines));
	});
}

/** `framegate webhooks dead` */
export async function listDeadLetters(flags: DeadFlags, name: string): Promise<void> {
	await withOutput(flags, name, async (store) => {
		let before = 0;
		let left = flags.limit;
		const found: DeadLetter[] = [];
		while (left > 0 && process.stdout.writable) {
			const page = await store.deadLetters(name, before, Math.min(left, PAGE));
			if (flags.json) for (const letter of page) process.stdout.write(`${JSON.stringify(shown(letter, flags.body))}\n`);
			else found.push(...page.map((letter) => ({ ...letter, body: new Uint8Array() })));
			left -= page.length;
			if (page.length < PAGE) break;
			before = page.at(-1)?.number ?? 0;
		}
		if (flags.json) return;
		const lines = found.map((letter) => {
			const { id, kind, key, time, attempts, error } = shown(letter, false);
			return [time, kind, key, String(attempts), error, id];
		});
		process.stdout.write(formatTable(["time", "kind", "key", "attempts", "error", "id"], lines));
	});
}

/** `framegate webhooks replay` */
export async function replayDeadLetters(flags: ChoiceFlags, name: string, ids: readonly string[]): Promise<void> {
	const query = { output: name, ids: chosen(flags, ids) };
	await withOutput(flags, name, async (store) => {
		const count = await inBatches(store, name, (limit) => store.replay(query, limit));
		process.stdout.write(`${count} to be delivered again\n`);
		checkFound(query, count);
	});
}

/** `framegate webhooks discard` */
export async function discardDeadLetters(flags: ChoiceFlags, name: string, ids: readonly string[]): Promise<void> {
	const query = { output: name, ids: chosen(flags, ids) };
	await withOutput(flags, name, async (store) => {
		const count = await inBatches(store, name, (limit) => store.discard(query, limit));
		process.stdout.write(`${count} removed\n`);
		checkFound(query, count);
	});
}

async function withStore(flags: CommonFlags, work: (store: OutputStore, config: Config) => Promise<void>) {
	await withAccounts(flags, ({ stores }, config) => work(new SqlOutputStore(stores.database), config));
}

/** @throws CommandError for a name that is none of the configuration and has left nothing in the database. */
async function withOutput(flags: CommonFlags, name: string, work: (store: OutputStore) => Promise<void>) {
	await withStore(flags, async (store, { outputs }) => {
		const names = namesOf(outputs);
		if (!names.includes(name)) {
			const { pending, deadLetters } = await store.usage(name);
			const known = names.length === 0 ? "none is configured" : `there are ${names.join(", ")}`;
			if (pending + deadLetters === 0) throw new CommandError(`there is no output ${name}; ${known}`);
		}
		await work(store);
	});
}

/** @throws CommandError when ids were named that are no dead letters any more, or never were. */
function checkFound(
	{ output, ids = [] }: { readonly output: string; readonly ids?: readonly string[] | undefined },
	count: number,
) {
	const missing = new Set(ids).size - count;
	if (missing > 0) throw new CommandError(`${missing} of the ids are no dead letters of ${output}`);
}

function namesOf({ webhooks, mqtt }: Config["outputs"]): string[] {
	return [...webhooks.map(({ name }) => name), ...(mqtt.url === undefined ? [] : ["mqtt"])];
}

/** @returns undefined for all. */
function chosen({ all }: ChoiceFlags, ids: readonly string[]): readonly string[] | undefined {
	if ((all === true) === ids.length > 0) throw new CommandError("name dead letters by their ids, or say --all");
	return all ? undefined : ids;
}

/** Ends with those that there are at the beginning: a gateway may give up further ones meanwhile, or the same ones again. */
async function inBatches(store: OutputStore, name: string, some: (limit: number) => Promise<number>): Promise<number> {
	const { deadLetters } = await store.usage(name);
	let sum = 0;
	while (sum < deadLetters) {
		const count = await some(Math.min(BATCH, deadLetters - sum));
		if (count === 0) break;
		sum += count;
	}
	return sum;
}

function shown({ id, kind, key, atMs, diedAtMs, attempts, error, body }: DeadLetter, hasBody = false) {
	return {
		id,
		kind,
		key,
		time: new Date(atMs).toISOString(),
		diedAt: new Date(diedAtMs).toISOString(),
		attempts,
		error,
		...(hasBody && { body: Buffer.from(body).toString("utf8") }),
	};
}
