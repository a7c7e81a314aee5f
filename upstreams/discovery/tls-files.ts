// TLS towards discovery servers: the authority that signs theirs, and a certificate of the gateway's own where they ask for one.
import type { TlsMaterial as Files, TlsFiles } from "../../common/tls-files.ts";

export interface TlsMaterial extends Files {
	/** The name that the server's certificate has to hold, where it is not the host of the address. */
	readonly serverName: string | undefined;
}

/** As the files are when they are asked for: they may be renewed. */
export function tlsOf({ material }: TlsFiles, serverName: string | undefined): TlsMaterial {
	return {
		get ca() {
			return material.ca;
		},
		get cert() {
			return material.cert;
		},
		get key() {
			return material.key;
		},
		serverName,
	};
}
