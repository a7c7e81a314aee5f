// Names in the configuration that mean nothing here: permissions that no route asks for, and numbers of no route. They work, and do
// something else than was meant.
import { mayBePermission } from "../../common/identity.ts";
import { routeContracts } from "../../protocol/gen/schema.ts";
import type { Config } from "./config.ts";

/** What every session or key has, and what needs none, is no permission that somebody could be given. */
const UNGRANTABLE: ReadonlySet<string> = new Set(["public", "session", "authenticated"]);
const PERMISSION_RULE = "permission:";

/** Every permission that some route of the gateway asks for. */
export function grantablePermissions(): ReadonlySet<string> {
	const asked = [...routeContracts.values()].map(({ permission }) => permission);
	return new Set(asked.filter((permission) => !UNGRANTABLE.has(permission)));
}

/** Numbers that the gateway's own routes have: those of modules and upstreams are others. */
const isOwnNumber = (number: number): boolean => number < 7000 || (number >= 8000 && number < 9000);

export function nameWarnings({ auth, keys, applicationChannels, rates }: Config): string[] {
	const known = grantablePermissions();
	const given = [
		...Object.entries(auth.roles).flatMap(([role, list]) => list.map((one) => [`auth.roles.${role}`, one] as const)),
		...keys.fixed.flatMap(({ name, permissions }) => permissions.map((one) => [`keys.fixed "${name}"`, one] as const)),
		...Object.entries(applicationChannels.namespaces).flatMap(([name, { subscribe, publish }]) => {
			const rules = [...subscribe, ...publish].filter((rule) => rule.startsWith(PERMISSION_RULE));
			return rules.map(
				(rule) => [`applicationChannels.namespaces.${name}`, rule.slice(PERMISSION_RULE.length)] as const,
			);
		}),
	];
	const wrong = given.filter(([, permission]) => !mayBePermission(permission, known));
	const names = [...known].sort().join(", ");
	return [
		...wrong.map(
			([where, permission]) => `${where}: no route asks for the permission ${permission}; there are ${names}`,
		),
		...Object.keys(rates.protocols)
			.filter((number) => isOwnNumber(Number(number)) && !routeContracts.has(Number(number)))
			.map((number) => `rates.protocols.${number}: no route has this number`),
	];
}
