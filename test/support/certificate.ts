// A certificate that signs itself, for tests of TLS on 127.0.0.1.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
	/** What a gateway needs to serve it. */
	readonly env: Readonly<Record<string, string>>;
	/** What a client needs to trust it. */
	readonly ca: Buffer;
	/** Whether a gateway that serves it is ready. */
	isReady(port: number): Promise<boolean>;
	remove(): void;
}

export function makeCertificate(): Certificate {
	const directory = mkdtempSync(join(tmpdir(), "framegate-tls-"));
	const keyFile = join(directory, "key.pem");
	const certFile = join(directory, "cert.pem");
	const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
	const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
	const files = ["-keyout", keyFile, "-out", certFile];
	execFileSync("openssl", ["req", "-x509", "-nodes", "-days", "2", ...curve, ...name, ...files], { stdio: "ignore" });
	const ca = readFileSync(certFile);
	return {
		env: { FRAMEGATE_SERVER_TLS_CERT_FILE: certFile, FRAMEGATE_SERVER_TLS_KEY_FILE: keyFile },
		ca,
		isReady: (port) =>
			new Promise((resolve, reject) => {
				get({ host: "127.0.0.1", port, path: "/ready", ca, agent: false }, (response) => {
					response.resume();
					resolve(response.statusCode === 200);
				}).once("error", reject);
			}),
		remove: () => rmSync(directory, { recursive: true }),
	};
}
