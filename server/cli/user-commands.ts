// Commands on accounts. They work on the database and the session store directly, beside a running gateway.
import process from "node:process";
import type { Accounts } from "../../services/accounts/accounts.ts";
import type { UserRecord, UserStatus } from "../../services/accounts/user-store.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { CommandError } from "./failure.ts";
import type { CommonFlags } from "./flags.ts";
import { withAccounts } from "./open-accounts.ts";
import { newPassword, type PasswordFlags } from "./password-input.ts";
import { formatTable } from "./table.ts";

interface CreateFlags extends CommonFlags, PasswordFlags {
	readonly role: readonly string[];
	readonly email?: string;
	readonly nickname?: string;
}

interface JsonFlags extends CommonFlags {
	readonly json?: boolean;
}

const PAGE = 200;

async function existing(accounts: Accounts, username: string): Promise<UserRecord> {
	const user = await accounts.findUser(username);
	if (user === undefined) throw new CommandError(`there is no user ${username}`);
	return user;
}

/** Without Redis, sessions are in the memory of the gateway, where no other process reaches them. */
function warnWithoutRedis({ redis }: Config): void {
	if (redis.url !== undefined) return;
	const reason = "without redis.url, a running gateway notices when the user's access tokens expire or it restarts";
	process.stderr.write(`note: ${reason}\n`);
}

/** `framegate user create` */
export async function createUser(flags: CreateFlags, username: string): Promise<void> {
	await withAccounts(flags, async ({ accounts }, { auth }) => {
		const password = await newPassword(flags);
		const roles = flags.role.length > 0 ? flags.role : [auth.defaultRole];
		const { email = "", nickname = "" } = flags;
		const user = await accounts.createUser({ username, password, email, nickname, roles });
		process.stdout.write(`created ${user.username} (${user.id}), roles: ${user.roles.join(", ") || "none"}\n`);
		if (flags.generatePassword) process.stdout.write(`password: ${password}\n`);
	});
}

/** `framegate create-admin` */
export async function createAdministrator(flags: Omit<CreateFlags, "role">, username: string): Promise<void> {
	const { auth } = loadConfig({ file: flags.config });
	const role = Object.keys(auth.roles).find((name) => auth.roles[name]?.includes("*"));
	if (role === undefined) throw new CommandError("no role in auth.roles grants everything (*)");
	await createUser({ ...flags, role: [role] }, username);
}

/** `framegate user set-password` */
export async function setUserPassword(flags: CommonFlags & PasswordFlags, username: string): Promise<void> {
	await withAccounts(flags, async ({ accounts }, config) => {
		const user = await existing(accounts, username);
		const password = await newPassword(flags);
		await accounts.setPassword(user.id, password);
		process.stdout.write(`${user.username} has another password\n`);
		if (flags.generatePassword) process.stdout.write(`password: ${password}\n`);
		warnWithoutRedis(config);
	});
}

/** `framegate user delete` */
export async function deleteUser(flags: CommonFlags, username: string): Promise<void> {
	await withAccounts(flags, async ({ accounts }, config) => {
		const user = await existing(accounts, username);
		await accounts.remove(user.id);
		process.stdout.write(`deleted ${user.username} (${user.id}); gateways erase the rest within minutes\n`);
		warnWithoutRedis(config);
	});
}

function publicFields({ id, username, email, nickname, roles, status, createdAtMs }: UserRecord) {
	return { id, username, email, nickname, roles, status, createdAt: new Date(createdAtMs).toISOString() };
}

function printPage(users: readonly UserRecord[], json: boolean, isFirst: boolean): void {
	const shown = users.map(publicFields);
	if (json) {
		process.stdout.write(shown.map((user) => `${JSON.stringify(user)}\n`).join(""));
		return;
	}
	const rows = shown.map(({ id, username, status, roles, createdAt }) => {
		return [id, createdAt, status, roles.join(",") || "-", username];
	});
	const table = formatTable(["id", "created", "status", "roles", "username"], rows);
	process.stdout.write(isFirst ? table : table.slice(table.indexOf("\n") + 1));
}

/** `framegate user list` */
export async function listUsers(flags: JsonFlags): Promise<void> {
	await withAccounts(flags, async ({ accounts }) => {
		let after: string | undefined;
		let isFirst = true;
		do {
			const page = await accounts.list({ limit: PAGE, ...(after === undefined ? {} : { after }) });
			printPage(page.users, flags.json === true, isFirst);
			after = page.nextCursor;
			isFirst = false;
		} while (after !== undefined && process.stdout.writable);
	});
}

/** `framegate user disable` and `enable` */
export async function setUserStatus(flags: CommonFlags, username: string, status: UserStatus): Promise<void> {
	await withAccounts(flags, async ({ accounts }, config) => {
		const user = await existing(accounts, username);
		await accounts.setStatus(user.id, status);
		process.stdout.write(`${user.username} is ${status}\n`);
		if (status === "disabled") warnWithoutRedis(config);
	});
}

/** `framegate user set-roles` */
export async function setUserRoles(
	flags: CommonFlags & { readonly role: readonly string[] },
	username: string,
): Promise<void> {
	await withAccounts(flags, async ({ accounts }, config) => {
		const user = await existing(accounts, username);
		await accounts.setRoles(user.id, flags.role);
		process.stdout.write(`${user.username} has roles: ${flags.role.join(", ")}\n`);
		warnWithoutRedis(config);
	});
}

/** `framegate token` */
export async function issueToken(flags: JsonFlags, username: string): Promise<void> {
	await withAccounts(flags, async ({ accounts, sessions }, { redis }) => {
		if (redis.url === undefined) {
			throw new CommandError("token needs redis.url: without it, sessions are inside the gateway's process only");
		}
		const user = await existing(accounts, username);
		if (user.status !== "active") throw new CommandError(`${user.username} is disabled`);
		const { tokens } = await sessions.open(user, { deviceId: "", deviceName: "framegate token", ip: "127.0.0.1" });
		process.stdout.write(flags.json ? `${JSON.stringify(tokens)}\n` : `${tokens.accessToken}\n`);
	});
}
