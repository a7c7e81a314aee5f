// One account per role in a database file, made before a gateway opens it, as `framegate user create` would.
import { tmpdir } from "node:os";
import { openAccounts } from "../../server/compose/accounts.ts";
import { loadConfig } from "../../server/config/load.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { PASSWORD } from "../support/wire-client.ts";

/** Names are those of the roles. @param env - as the gateway will be started. */
export async function createRoleAccounts(
	env: Readonly<Record<string, string>>,
	roles: readonly string[],
): Promise<void> {
	const config = loadConfig({ env: { FRAMEGATE_PROFILE: "test", ...env }, cwd: tmpdir(), nodeId: "seed" });
	const { accounts, stores, close } = await openAccounts(config, quietLogger());
	await stores.database.migrate();
	for (const role of roles) {
		await accounts.createUser({ username: role, password: PASSWORD, email: "", nickname: "", roles: [role] });
	}
	await close();
}
