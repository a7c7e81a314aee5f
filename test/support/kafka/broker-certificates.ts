// Certificates of brokers and their clients for tests: good ones, and those that either side has to refuse.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface SignedCertificate {
	readonly certFile: string;
	readonly keyFile: string;
	/** Both in one file, as a broker takes them. */
	readonly storeFile: string;
}

export interface BrokerCertificates {
	/** Of the authority that signed them, but for the foreign one. */
	readonly caFile: string;
	/** For `localhost`. */
	readonly broker: SignedCertificate;
	readonly expiredBroker: SignedCertificate;
	/** For another name. */
	readonly otherBroker: SignedCertificate;
	readonly client: SignedCertificate;
	readonly expiredClient: SignedCertificate;
	/** Of an authority that nobody knows. */
	readonly foreignClient: SignedCertificate;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
/** What `openssl ca` needs, the one command of OpenSSL 3.0 that takes dates. */
const CONFIG = `[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`;
const VALID = ["-days", "2"];
const EXPIRED = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"];

/** Makes them in a new folder, which its user removes. */
export function makeBrokerCertificates(directory: string): BrokerCertificates {
	mkdirSync(directory, { recursive: true });
	const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
	const authority = (name: string) =>
		openssl(
			"req",
			"-x509",
			...CURVE,
			...VALID,
			"-keyout",
			`${name}.key`,
			"-out",
			`${name}.pem`,
			"-subj",
			`/CN=${name}`,
		);
	const signed = (name: string, subject: string, by = "ca", dates = VALID): SignedCertificate => {
		const alternative = ["-addext", `subjectAltName=DNS:${subject}`];
		openssl(
			"req",
			"-new",
			...CURVE,
			"-keyout",
			`${name}.key`,
			"-out",
			`${name}.csr`,
			"-subj",
			`/CN=${subject}`,
			...alternative,
		);
		const files = ["-cert", `${by}.pem`, "-keyfile", `${by}.key`, "-in", `${name}.csr`, "-out", `${name}.pem`];
		openssl("ca", "-batch", "-notext", "-config", "ca.cnf", ...files, ...dates);
		const [certFile, keyFile, storeFile] = ["pem", "key", "store"].map((ending) =>
			join(directory, `${name}.${ending}`),
		) as [string, string, string];
		writeFileSync(storeFile, readFileSync(keyFile, "utf8") + readFileSync(certFile, "utf8"));
		return { certFile, keyFile, storeFile };
	};
	writeFileSync(join(directory, "ca.cnf"), CONFIG);
	writeFileSync(join(directory, "index.txt"), "");
	authority("ca");
	authority("stranger");
	return {
		caFile: join(directory, "ca.pem"),
		broker: signed("broker", "localhost"),
		expiredBroker: signed("expired-broker", "localhost", "ca", EXPIRED),
		otherBroker: signed("other-broker", "broker.example"),
		client: signed("client", "gateway"),
		expiredClient: signed("expired-client", "gateway", "ca", EXPIRED),
		foreignClient: signed("foreign-client", "gateway", "stranger"),
	};
}
