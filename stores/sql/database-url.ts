// Which database a URL means.

export type SqlDialectName = "sqlite" | "postgres" | "mysql";

export interface DatabaseTarget {
	readonly dialect: SqlDialectName;
	/** A file name or ":memory:" for SQLite, otherwise a URL that the driver reads. */
	readonly location: string;
}

/**
 * Reads `sqlite:PATH`, `sqlite::memory:`, `postgres://…`, `postgresql://…`, `mysql://…` or `mariadb://…`.
 *
 * @throws Error that names what is allowed, without the URL, which may hold a password.
 */
export function parseDatabaseUrl(url: string): DatabaseTarget {
	const scheme = /^([a-z]+):/.exec(url)?.[1];
	switch (scheme) {
		case "sqlite": {
			const location = url.slice("sqlite:".length).replace(/^\/\/(?=\/|\.)/, "");
			if (location === "" || location === "//") throw new Error("database URL: sqlite: needs a path, or :memory:");
			return { dialect: "sqlite", location };
		}
		case "postgres":
		case "postgresql":
			return { dialect: "postgres", location: validUrl(url) };
		case "mysql":
		case "mariadb":
			return { dialect: "mysql", location: validUrl(url).replace(/^mariadb:/, "mysql:") };
		default:
			throw new Error("database URL must begin with sqlite:, postgres://, postgresql://, mysql:// or mariadb://");
	}
}

/** Parameters of other drivers, which ours would pass over, and put the tables somewhere else. */
const schemaParameters = ["schema", "searchpath", "currentschema"];

function validUrl(url: string): string {
	if (!URL.canParse(url)) throw new Error("database URL is malformed");
	for (const name of new URL(url).searchParams.keys()) {
		if (!schemaParameters.includes(name.toLowerCase().replaceAll(/[_-]/g, ""))) continue;
		throw new Error(`database URL: ${name} is no parameter; for PostgreSQL it is options=-csearch_path%3DNAME`);
	}
	return url;
}
