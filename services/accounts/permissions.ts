// What roles grant.

/** Role combinations whose permission set is cached; the set of any other combination is built for each call. */
const MAX_CACHED = 4096;

export class Permissions {
	private readonly grants: ReadonlyMap<string, readonly string[]>;
	private readonly cache = new Map<string, ReadonlySet<string>>();

	/** @param roles - role name → permissions; `*` grants everything. */
	constructor(roles: Readonly<Record<string, readonly string[]>>) {
		this.grants = new Map(Object.entries(roles));
	}

	/** The names of all roles. */
	get roleNames(): readonly string[] {
		return [...this.grants.keys()];
	}

	isRole(name: string): boolean {
		return this.grants.has(name);
	}

	/** The permissions of a combination of roles, one shared set per combination. Unknown roles grant nothing. */
	of(roles: readonly string[]): ReadonlySet<string> {
		const key = roles.join("\n");
		const cached = this.cache.get(key);
		if (cached) return cached;
		const permissions = new Set(roles.flatMap((role) => this.grants.get(role) ?? []));
		if (this.cache.size < MAX_CACHED) this.cache.set(key, permissions);
		return permissions;
	}
}
