// What an address asks of TLS, in the words of PostgreSQL (libpq, "SSL Support", table of sslmode), of MySQL ("Configuring MySQL to
// Use Encrypted Connections", --ssl-mode) and of drivers that hand out addresses. They mean the same to every server that the
// gateway connects to. Nothing falls back to plain text: an encrypted connection that cannot be had is an error.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { AddressParameters } from "./address.ts";

/**
 * - `off`: plain text.
 * - `encrypted`: nobody checks who the server is.
 * - `verify-ca`: its certificate comes from the authority in `caFile`.
 * - `verify-full`: it also names the host.
 */
export type TlsMode = "off" | "encrypted" | "verify-ca" | "verify-full";

export interface AddressTls {
	readonly mode: TlsMode;
	/** Certificates of authorities, PEM, in the place of the system's. */
	readonly caFile?: string;
	/** Of the client, PEM. */
	readonly certFile?: string;
	readonly keyFile?: string;
}

/** What tls.connect takes of it. */
export interface TlsClientOptions {
	readonly rejectUnauthorized: boolean;
	readonly checkServerIdentity?: () => undefined;
	readonly ca?: Buffer;
	readonly cert?: Buffer;
	readonly key?: Buffer;
}

const MODES: Readonly<Record<string, TlsMode>> = {
	disable: "off",
	disabled: "off",
	prefer: "encrypted",
	preferred: "encrypted",
	require: "encrypted",
	required: "encrypted",
	"no-verify": "encrypted",
	"verify-ca": "verify-ca",
	"verify-full": "verify-full",
	"verify-identity": "verify-full",
};
const MODE_WORDS = "disable, prefer, require, verify-ca or verify-full";
/** Of `ssl=`, which says yes or no in some drivers, and holds a mode or an object in others. */
const SWITCH: Readonly<Record<string, TlsMode>> = {
	true: "verify-full",
	1: "verify-full",
	yes: "verify-full",
	on: "verify-full",
	false: "off",
	0: "off",
	no: "off",
	off: "off",
	'{"rejectunauthorized":true}': "verify-full",
	'{"rejectunauthorized":false}': "encrypted",
};
/** `ssl_cert_reqs` of redis-py, `sslaccept` of Prisma. */
const CHECKS: Readonly<Record<string, TlsMode>> = {
	none: "encrypted",
	"cert-none": "encrypted",
	required: "verify-full",
	"cert-required": "verify-full",
	strict: "verify-full",
	"accept-invalid-certs": "encrypted",
};

/**
 * Takes what concerns TLS out of an address's parameters.
 *
 * @param isTlsScheme - the scheme itself means TLS, as `rediss://` does.
 * @returns undefined when the address says nothing of TLS.
 * @throws Error that names a value which is not understood, which contradicts another or which cannot be given.
 */
export function takeTls(parameters: AddressParameters, isTlsScheme: boolean): AddressTls | undefined {
	const mode = takeMode(parameters, isTlsScheme);
	const ca = parameters.take("sslrootcert", "ssl-ca", "ssl_ca_certs", "tls-ca", "cafile");
	const cert = parameters.take("sslcert", "ssl-cert", "ssl_certfile");
	const key = parameters.take("sslkey", "ssl-key", "ssl_keyfile");
	const caFile = ca?.value === "system" ? undefined : ca?.value;
	const given = [ca, cert, key].find((parameter) => parameter !== undefined);
	if (mode === undefined) {
		if (given === undefined) return undefined;
		throw new Error(`${given.name} needs sslmode=verify-full beside it`);
	}
	if (mode === "off" && given !== undefined) throw new Error(`${given.name} contradicts a connection without TLS`);
	if ((cert === undefined) !== (key === undefined)) throw new Error("sslcert and sslkey belong together");
	if (mode === "verify-ca" && caFile === undefined) {
		throw new Error("verify-ca needs the authority's certificate (sslrootcert=FILE); verify-full does without");
	}
	return {
		// With an authority given, libpq checks it for `require` as well.
		mode: mode === "encrypted" && ca !== undefined ? "verify-ca" : mode,
		...(caFile !== undefined && { caFile }),
		...(cert !== undefined && { certFile: cert.value }),
		...(key !== undefined && { keyFile: key.value }),
	};
}

function takeMode(parameters: AddressParameters, isTlsScheme: boolean): TlsMode | undefined {
	const asked = [
		[parameters.take("sslmode", "ssl-mode"), MODES, MODE_WORDS],
		[parameters.take("ssl_cert_reqs", "sslaccept"), CHECKS, "none or required"],
		[parameters.take("ssl", "tls", "usessl"), { ...MODES, ...SWITCH }, `true, false, ${MODE_WORDS}`],
	] as const;
	let decided: { readonly name: string; readonly mode: TlsMode } | undefined;
	for (const [parameter, values, words] of asked) {
		if (parameter === undefined) continue;
		const mode = values[parameter.value.toLowerCase().replaceAll("_", "-").replaceAll(" ", "")];
		if (mode === undefined) throw new Error(`${parameter.name}: ${notUnderstood(parameter.value, words)}`);
		// The first one says more; the others must not say the opposite.
		decided ??= { name: parameter.name, mode };
		if ((mode === "off") !== (decided.mode === "off")) {
			throw new Error(`${decided.name} and ${parameter.name} contradict each other`);
		}
	}
	if (isTlsScheme && decided?.mode === "off") throw new Error(`${decided.name} contradicts a scheme that means TLS`);
	return decided?.mode ?? (isTlsScheme ? "verify-full" : undefined);
}

function notUnderstood(value: string, words: string): string {
	if (value.toLowerCase() === "allow") return '"allow" would begin in plain text: say disable, or require';
	return `expected ${words}`;
}

/**
 * Reads the files, and says it in Node's words.
 *
 * @throws Error when a file cannot be read.
 */
export function tlsClientOptions({ mode, caFile, certFile, keyFile }: AddressTls): TlsClientOptions {
	return {
		rejectUnauthorized: mode !== "encrypted",
		...(mode === "verify-ca" && { checkServerIdentity: () => undefined }),
		...(caFile !== undefined && { ca: readFileSync(resolve(caFile)) }),
		...(certFile !== undefined && { cert: readFileSync(resolve(certFile)) }),
		...(keyFile !== undefined && { key: readFileSync(resolve(keyFile)) }),
	};
}
