// TLS towards discovery servers: the authority that signs theirs, and a certificate of the gateway's own where they ask for one.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export interface TlsFiles {
	/** Certificates of authorities, PEM, in the place of the system's. */
	readonly caFile?: string | undefined;
	readonly certFile?: string | undefined;
	readonly keyFile?: string | undefined;
	/** The name that the server's certificate has to hold, where it is not the host of the address. */
	readonly serverName?: string | undefined;
}

export interface TlsMaterial {
	readonly ca: Buffer | undefined;
	readonly cert: Buffer | undefined;
	readonly key: Buffer | undefined;
	readonly serverName: string | undefined;
}

/** Reads the files. @throws Error when one cannot be read. */
export function readTlsFiles({ caFile, certFile, keyFile, serverName }: TlsFiles): TlsMaterial {
	const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(resolve(file)));
	return { ca: read(caFile), cert: read(certFile), key: read(keyFile), serverName };
}
