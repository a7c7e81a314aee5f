// The certificate that the ports serve: read with its key before uWebSockets.js does, which does not say what is wrong with them.
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { TlsFiles } from "../core/transport.ts";
import type { Config } from "./config/config.ts";

export interface Certificate {
	readonly files: TlsFiles;
	/** Unix milliseconds. */
	readonly endsAtMs: number;
	/** Of certificate, key and passphrase: another one means that something was renewed. */
	readonly digest: string;
}

/** Undefined where the ports do not serve TLS. */
export function tlsFiles({ server }: Config): TlsFiles | undefined {
	const { certFile, keyFile, passphrase } = server.tls;
	if (certFile === undefined || keyFile === undefined) return undefined;
	return { certFile, keyFile, ...(passphrase === undefined ? {} : { passphrase }) };
}

/** @throws Error that names the file which cannot be used, and why. */
export function readCertificate(files: TlsFiles): Certificate {
	const { certFile, keyFile, passphrase } = files;
	const [cert, key] = [readPem(certFile), readPem(keyFile)];
	const certificate = usable(certFile, "certificate", () => new X509Certificate(cert));
	const privateKey = usable(keyFile, "private key, or the passphrase is wrong", () =>
		createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) }),
	);
	if (!certificate.checkPrivateKey(privateKey)) throw new Error(`TLS: ${keyFile} is not the key of ${certFile}`);
	const digest = createHash("sha256")
		.update(cert)
		.update("\0")
		.update(key)
		.update(`\0${passphrase ?? ""}`)
		.digest("hex");
	return { files, endsAtMs: Date.parse(certificate.validTo), digest };
}

function readPem(file: string): Buffer {
	try {
		const content = readFileSync(file);
		// The library would not find the first line of the PEM.
		if (content.subarray(0, 3).equals(BYTE_ORDER_MARK)) throw new Error("it begins with a byte order mark");
		return content;
	} catch (error) {
		throw new Error(`TLS: ${file} cannot be read: ${(error as Error).message}`, { cause: error });
	}
}

const BYTE_ORDER_MARK = Buffer.from("\uFEFF");

function usable<T>(file: string, what: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		throw new Error(`TLS: ${file} holds no usable ${what}`, { cause: error });
	}
}
