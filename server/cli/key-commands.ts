// Commands on API keys. They work on the database directly, beside a running gateway.
import process from "node:process";
import type { KeyRecord } from "../../services/keys/key-store.ts";
import type { CommonFlags } from "./flags.ts";
import { withAccounts } from "./open-accounts.ts";
import { formatTable } from "./table.ts";

interface CreateFlags extends CommonFlags {
	readonly permission: readonly string[];
	readonly channel: readonly string[];
	/** In milliseconds from now. */
	readonly expires?: number;
	readonly rate?: { readonly perSecond: number; readonly burst: number };
	readonly json?: boolean;
}

interface JsonFlags extends CommonFlags {
	readonly json?: boolean;
}

const PAGE = 200;

/** `framegate key create` */
export async function createApiKey(flags: CreateFlags, name: string): Promise<void> {
	await withAccounts(flags, async ({ keys }) => {
		const { permission, channel, expires, rate = { perSecond: 0, burst: 0 } } = flags;
		const expiresAtMs = expires === undefined ? 0 : Date.now() + expires;
		const wanted = { name, permissions: permission, channels: channel, expiresAtMs, ...rate };
		const { key, text } = await keys.create(undefined, wanted);
		if (flags.json) {
			process.stdout.write(`${JSON.stringify({ ...shown(key), secret: text })}\n`);
			return;
		}
		process.stderr.write(`created API key ${key.name} (${key.id}); this is the only time that it is shown:\n`);
		process.stdout.write(`${text}\n`);
	});
}

/** `framegate key list` */
export async function listApiKeys(flags: JsonFlags): Promise<void> {
	await withAccounts(flags, async ({ keys }) => {
		let after = "";
		let isFirst = true;
		for (;;) {
			const page = await keys.list(after, PAGE);
			print(page, flags.json === true, isFirst);
			if (page.length < PAGE) return;
			after = page.at(-1)?.id ?? "";
			isFirst = false;
		}
	});
}

/** `framegate key revoke` */
export async function revokeApiKey(flags: CommonFlags, id: string): Promise<void> {
	await withAccounts(flags, async ({ keys }, { redis }) => {
		const isRevoked = await keys.revoke(id);
		process.stdout.write(isRevoked ? `revoked ${id}\n` : `${id} was revoked before\n`);
		if (redis.url === undefined) {
			process.stderr.write("note: without redis.url, a running gateway notices within a minute\n");
		}
	});
}

function shown({ secretHash: _, createdAtMs, expiresAtMs, revokedAtMs, lastUsedAtMs, ...key }: KeyRecord) {
	return {
		...key,
		createdAt: timeOf(createdAtMs),
		expiresAt: timeOf(expiresAtMs),
		revokedAt: timeOf(revokedAtMs),
		lastUsedAt: timeOf(lastUsedAtMs),
	};
}

function timeOf(ms: number): string | null {
	return ms === 0 ? null : new Date(ms).toISOString();
}

function print(keys: readonly KeyRecord[], json: boolean, isFirst: boolean): void {
	const page = keys.map(shown);
	if (json) {
		process.stdout.write(page.map((key) => `${JSON.stringify(key)}\n`).join(""));
		return;
	}
	const rows = page.map(({ id, name, permissions, channels, expiresAt, revokedAt, lastUsedAt }) => {
		const state = revokedAt === null ? (expiresAt ?? "never") : "revoked";
		return [id, state, lastUsedAt ?? "never", permissions.join(","), channels.join(","), name];
	});
	const table = formatTable(["id", "expires", "last used", "permissions", "channels", "name"], rows);
	process.stdout.write(isFirst ? table : table.slice(table.indexOf("\n") + 1));
}
