// Certificates and keys of the gateway as a client, in files that an operator renews: read and checked at the start, and again when the
// configuration is read again. Connections that are made later use what was read last; a file that cannot be used changes nothing.
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { type Logger, withoutStack } from "./logger.ts";

export interface TlsFileNames {
	/** Certificates of authorities, PEM, in the place of the system's. */
	readonly caFile?: string | undefined;
	/** Certificate and private key of the gateway, PEM, where the other side asks for them. */
	readonly certFile?: string | undefined;
	readonly keyFile?: string | undefined;
}

/** What the files hold. It may be renewed: read it for each connection. */
export interface TlsMaterial {
	readonly ca: Buffer | undefined;
	readonly cert: Buffer | undefined;
	readonly key: Buffer | undefined;
}

/** The files of one setting. */
export class TlsFiles {
	readonly setting: string;
	/** What was read last. Its getters are its own: what copies it for a connection, as libraries do, copies what they give then. */
	readonly material: TlsMaterial;
	private readonly names: TlsFileNames;
	private current: TlsMaterial;

	/**
	 * @param setting - the group of the configuration that names the files, such as `kafka.tls`: errors begin with it.
	 * @throws Error that names the setting and the file which cannot be used.
	 */
	constructor(setting: string, names: TlsFileNames) {
		this.setting = setting;
		this.names = names;
		this.current = readTlsFiles(setting, names);
		const current = () => this.current;
		this.material = {
			get ca() {
				return current().ca;
			},
			get cert() {
				return current().cert;
			},
			get key() {
				return current().key;
			},
		};
	}

	/** Reads the files again. @returns whether they hold something else. @throws as the constructor; what was read before stays. */
	renew(): boolean {
		const next = readTlsFiles(this.setting, this.names);
		const { ca, cert, key } = this.current;
		if (isSame(ca, next.ca) && isSame(cert, next.cert) && isSame(key, next.key)) return false;
		this.current = next;
		return true;
	}
}

/** All files of a process that are renewed together. */
export class TlsFileSet {
	private readonly logger: Logger;
	private readonly all: TlsFiles[] = [];

	constructor(logger: Logger) {
		this.logger = logger;
	}

	/** @throws Error that names the setting and the file which cannot be used. */
	open(setting: string, names: TlsFileNames): TlsFiles {
		const files = new TlsFiles(setting, names);
		this.all.push(files);
		return files;
	}

	/** Reads all of them again, and logs what changed and what cannot be used. Never throws. */
	renew(): void {
		for (const files of this.all) {
			const { setting } = files;
			try {
				if (files.renew()) this.logger.info({ setting }, "TLS files renewed: new connections use them");
			} catch (error) {
				const fields = { setting, err: withoutStack(error as Error) };
				this.logger.error(fields, "TLS files not renewed, those that were read before stay in use");
			}
		}
	}
}

const PEM_CERTIFICATE =
	/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const BYTE_ORDER_MARK = Buffer.from("\uFEFF");

function readTlsFiles(setting: string, { caFile, certFile, keyFile }: TlsFileNames): TlsMaterial {
	const ca = caFile === undefined ? undefined : readPem(`${setting}.caFile`, caFile);
	const cert = certFile === undefined ? undefined : readPem(`${setting}.certFile`, certFile);
	const key = keyFile === undefined ? undefined : readPem(`${setting}.keyFile`, keyFile);
	if (ca !== undefined) checkAuthorities(`${setting}.caFile`, caFile as string, ca);
	if (cert !== undefined && key !== undefined) {
		const certificate = certificateOf(`${setting}.certFile`, certFile as string, cert);
		const privateKey = privateKeyOf(`${setting}.keyFile`, keyFile as string, key);
		if (!certificate.checkPrivateKey(privateKey)) {
			throw new Error(`${setting}.keyFile: ${keyFile} is not the key of ${certFile}`);
		}
	}
	try {
		createSecureContext({ ca, cert, key });
	} catch (error) {
		throw new Error(`${setting}: the files cannot be used: ${(error as Error).message}`, { cause: error });
	}
	return { ca, cert, key };
}

/** @param setting - what its errors begin with. @throws Error when the file cannot be read. */
export function readPem(setting: string, file: string): Buffer {
	try {
		const content = readFileSync(resolve(file));
		// The library would not find the first line of the PEM.
		if (content.subarray(0, 3).equals(BYTE_ORDER_MARK)) throw new Error("it begins with a byte order mark");
		return content;
	} catch (error) {
		throw new Error(`${setting}: ${file} cannot be read: ${(error as Error).message}`, { cause: error });
	}
}

/** The first one of a chain. @throws Error when there is none. */
export function certificateOf(setting: string, file: string, pem: Buffer | string): X509Certificate {
	return usable(setting, file, "certificate", () => new X509Certificate(pem));
}

/** @throws Error when it is none, or the passphrase is wrong. */
export function privateKeyOf(setting: string, file: string, key: Buffer, passphrase?: string): KeyObject {
	return usable(setting, file, "private key, or the passphrase is wrong", () =>
		createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) }),
	);
}

/** OpenSSL passes over what it cannot read among authorities, and every connection would then fail. */
function checkAuthorities(setting: string, file: string, ca: Buffer): void {
	const found = ca.toString("latin1").match(PEM_CERTIFICATE) ?? [];
	if (found.length === 0) throw new Error(`${setting}: ${file} holds no usable certificate`);
	for (const pem of found) certificateOf(setting, file, pem);
}

function usable<T>(setting: string, file: string, what: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		throw new Error(`${setting}: ${file} holds no usable ${what}`, { cause: error });
	}
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
	return one === undefined || other === undefined ? one === other : one.equals(other);
}
