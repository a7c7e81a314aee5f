// How endpoints are connected to: in plain text, by TLS, or by TLS with a certificate of the gateway's own.
import { readFileSync } from "node:fs";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";

export interface UpstreamTls {
	/** Authorities that certificates of endpoints are checked by, PEM; undefined: those of the system. */
	readonly caFile?: string | undefined;
	/** The gateway's certificate and key, PEM, for services that ask for one. */
	readonly certFile?: string | undefined;
	readonly keyFile?: string | undefined;
}

/** @throws Error that names the file which cannot be used. */
export function channelCredentials(tls: UpstreamTls | undefined): ChannelCredentials {
	if (tls === undefined) return credentials.createInsecure();
	const read = (file: string | undefined) => (file === undefined ? null : readFileSync(file));
	return credentials.createSsl(read(tls.caFile), read(tls.keyFile), read(tls.certFile));
}
