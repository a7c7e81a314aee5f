// The certificate that the ports serve: read with its key before uWebSockets.js does, which does not say what is wrong with them.
import { createHash } from "node:crypto";
import { certificateOf, privateKeyOf, readPem } from "../common/tls-files.ts";
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
	const [cert, key] = [readPem("TLS", certFile), readPem("TLS", keyFile)];
	const certificate = certificateOf("TLS", certFile, cert);
	const privateKey = privateKeyOf("TLS", keyFile, key, passphrase);
	if (!certificate.checkPrivateKey(privateKey)) throw new Error(`TLS: ${keyFile} is not the key of ${certFile}`);
	const digest = createHash("sha256")
		.update(cert)
		.update("\0")
		.update(key)
		.update(`\0${passphrase ?? ""}`)
		.digest("hex");
	return { files, endsAtMs: Date.parse(certificate.validTo), digest };
}
