// Addresses of Redis and SQL servers in the configuration: what the stores will make of them, checked before anything is opened.
import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { AddressTls } from "../../common/address-tls.ts";
import { parseRedisUrl } from "../../stores/redis/redis-url.ts";
import { parseDatabaseUrl } from "../../stores/sql/database-url.ts";
import type { Config } from "./config.ts";

interface ConfiguredAddress {
	readonly key: string;
	/** @throws Error when the address cannot be used. */
	readonly tls: () => AddressTls | undefined;
}

function configuredAddresses({ redis, edge, database, modules }: Config): ConfiguredAddress[] {
	const at = (key: string, url: string | undefined): ConfiguredAddress[] => {
		return url === undefined ? [] : [{ key, tls: () => parseRedisUrl(url).tls }];
	};
	return [
		...at("redis.url", redis.url),
		...at("redis.channelsUrl", redis.channelsUrl),
		...at("edge.box.url", edge.box.url),
		...edge.box.more.flatMap(({ url }) => at("edge.box.more", url)),
		{ key: "database.url", tls: () => databaseTls(database.url) },
		...modulesDatabase(modules.database.url),
	];
}

function modulesDatabase(url: string | undefined): ConfiguredAddress[] {
	return url === undefined ? [] : [{ key: "modules.database.url", tls: () => databaseTls(url) }];
}

function databaseTls(url: string): AddressTls | undefined {
	const target = parseDatabaseUrl(url);
	return target.dialect === "sqlite" ? undefined : target.server.tls;
}

/** Files of certificates that an address names. */
function filesOf(tls: AddressTls | undefined): string[] {
	return [tls?.caFile, tls?.certFile, tls?.keyFile].filter((file) => file !== undefined);
}

/** Reports every address that cannot be used, and files of certificates that cannot be read. */
export function checkAddresses(config: Config, cwd: string, report: (key: string, message: string) => void): void {
	for (const { key, tls } of configuredAddresses(config)) {
		try {
			for (const file of filesOf(tls())) checkReadable(cwd, file);
		} catch (error) {
			report(key, (error as Error).message.replace(/^(?:redis|database) URL: /, ""));
		}
	}
}

/** A digest of the files that the addresses name, by key: a process has read them at its start. */
export function addressFileDigests(config: Config): ReadonlyMap<string, string> {
	return new Map(
		configuredAddresses(config).map(({ key, tls }) => {
			const hash = createHash("sha256");
			for (const file of filesOf(tls())) hash.update(readFileSync(resolve(file)));
			return [key, hash.digest("hex")];
		}),
	);
}

function checkReadable(cwd: string, file: string): void {
	try {
		accessSync(resolve(cwd, file), constants.R_OK);
	} catch (error) {
		throw new Error(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
	}
}

/** Keys whose connections are encrypted to nobody knows whom. */
export function uncheckedAddresses(config: Config): string[] {
	return configuredAddresses(config).flatMap(({ key, tls }) => (tls()?.mode === "encrypted" ? [key] : []));
}
