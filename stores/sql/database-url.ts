// Which database a URL means, and what it asks of the connection.
import { isIP } from "node:net";
import { type Address, decoded, parseAddress } from "../../common/address.ts";
import { type AddressTls, takeTls } from "../../common/address-tls.ts";

export type SqlDialectName = "sqlite" | "postgres" | "mysql";

/** A server, and how to connect to it; what is undefined is up to the driver. */
export interface SqlServer {
	readonly host: string | undefined;
	readonly port: number | undefined;
	readonly user: string | undefined;
	readonly password: string | undefined;
	readonly database: string | undefined;
	/** Undefined: the address does not say. */
	readonly tls: AddressTls | undefined;
}

export interface PostgresServerTarget extends SqlServer {
	/** Command line options of the session: `-csearch_path=NAME`. */
	readonly options: string | undefined;
	readonly applicationName: string | undefined;
	/** Whether SCRAM is tied to the TLS connection (RFC 5929, tls-server-end-point). */
	readonly channelBinding: "disable" | "prefer" | "require";
}

export interface MysqlServerTarget extends SqlServer {
	readonly socketPath: string | undefined;
}

export type DatabaseTarget =
	/** A file name or ":memory:". */
	| { readonly dialect: "sqlite"; readonly location: string }
	| { readonly dialect: "postgres"; readonly server: PostgresServerTarget }
	| { readonly dialect: "mysql"; readonly server: MysqlServerTarget };

/**
 * Reads `sqlite:PATH`, `sqlite::memory:`, `postgres://…`, `postgresql://…`, `mysql://…` or `mariadb://…`.
 *
 * @throws Error that says what is wrong, without the URL, which may hold a password.
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
			return { dialect: "postgres", server: read(url, postgresServer) };
		case "mysql":
		case "mariadb":
			return { dialect: "mysql", server: read(url, mysqlServer) };
		default:
			throw new Error("database URL must begin with sqlite:, postgres://, postgresql://, mysql:// or mariadb://");
	}
}

function read<Server>(url: string, serverOf: (address: Address) => Server): Server {
	try {
		return serverOf(parseAddress(url));
	} catch (error) {
		throw new Error(`database URL: ${(error as Error).message}`, { cause: error });
	}
}

/** Parameters of other drivers, which put the tables somewhere else. */
const schemaParameters = ["schema", "searchpath", "currentschema"];

function postgresServer(address: Address): PostgresServerTarget {
	const { parameters } = address;
	for (const name of schemaParameters) {
		const written = parameters.nameOf(name);
		if (written === undefined) continue;
		throw new Error(`${written} is no parameter; for PostgreSQL it is options=-csearch_path%3DNAME`);
	}
	const [host, port, user, password, database] = ["host", "port", "user", "password", "dbname"].map((name) => {
		return parameters.take(name)?.value;
	});
	if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new Error("port must be a number");
	const channelBinding = parameters.take("channel_binding")?.value ?? "disable";
	if (channelBinding !== "disable" && channelBinding !== "prefer" && channelBinding !== "require") {
		throw new Error("channel_binding must be disable, prefer or require");
	}
	const encoding = parameters.take("client_encoding")?.value ?? "utf8";
	if (!/^utf-?8$/i.test(encoding)) throw new Error("client_encoding must be UTF8");
	const options = parameters.take("options")?.value;
	const applicationName = parameters.take("application_name")?.value;
	const server = serverOf(address, takeTls(parameters, false));
	if (channelBinding === "require" && (server.tls?.mode ?? "off") === "off") {
		throw new Error("channel_binding=require needs TLS: add sslmode");
	}
	parameters.rejectRest();
	return {
		...server,
		host: host ?? server.host,
		port: port === undefined ? server.port : Number(port),
		user: user ?? server.user,
		password: password ?? server.password,
		database: database ?? server.database,
		options,
		applicationName,
		channelBinding,
	};
}

function mysqlServer(address: Address): MysqlServerTarget {
	const { parameters } = address;
	const socketPath = parameters.take("socketPath", "socket", "unix_socket")?.value;
	const charset = parameters.take("charset")?.value ?? "utf8mb4";
	if (!/^utf8mb4/i.test(charset)) throw new Error("charset must be utf8mb4");
	const server = serverOf(address, takeTls(parameters, false));
	if (server.tls?.mode === "verify-full" && isIP(server.host ?? "") !== 0) {
		throw new Error("verify-full needs a host name, as the driver compares no IP address with the certificate");
	}
	parameters.rejectRest();
	return { ...server, socketPath };
}

function serverOf({ hosts, username, password, path }: Address, tls: AddressTls | undefined): SqlServer {
	const [first, second] = hosts;
	if (second !== undefined) throw new Error("names several hosts, of which the driver takes one");
	return {
		host: first?.host,
		port: first?.port,
		user: username,
		password,
		database: decoded(path, "name of the database"),
		tls,
	};
}
