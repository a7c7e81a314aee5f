// Certificates for tests: an authority of its own that nobody else knows, and one that it signed for `localhost`.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";

export interface Certificates {
	/** Of the authority. */
	readonly caFile: string;
	/** For the name `localhost`, and for no IP address. */
	readonly certFile: string;
	readonly keyFile: string;
}

/** Makes them in a new folder, which its user removes. */
export function makeCertificates(directory: string): Certificates {
	mkdirSync(directory, { recursive: true });
	const file = (name: string) => path.join(directory, name);
	const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
	const elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
	openssl(
		"req",
		"-x509",
		...elliptic,
		"-keyout",
		file("ca.key"),
		"-out",
		file("ca.pem"),
		"-subj",
		"/CN=authority of a test",
	);
	const authority = ["-CA", file("ca.pem"), "-CAkey", file("ca.key")];
	const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
	openssl("req", "-x509", ...authority, ...elliptic, "-keyout", file("key.pem"), "-out", file("cert.pem"), ...name);
	return { caFile: file("ca.pem"), certFile: file("cert.pem"), keyFile: file("key.pem") };
}
