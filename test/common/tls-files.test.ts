// Files of certificates that are read again: what is taken over, what is refused and by which setting it is named.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { TlsFileSet, TlsFiles } from "../../common/tls-files.ts";
import { makeCertificates } from "../support/certificates.ts";
import { quietLogger } from "../support/quiet-logger.ts";

describe("TLS files", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-tls-files-"));
	const first = makeCertificates(join(directory, "first"));
	const second = makeCertificates(join(directory, "second"));
	const [caFile, certFile, keyFile] = ["ca.pem", "own.pem", "own.key"].map((name) => join(directory, name)) as [
		string,
		string,
		string,
	];
	const names = { caFile, certFile, keyFile };
	const install = (files: typeof first) => {
		copyFileSync(files.caFile, caFile);
		copyFileSync(files.certFile, certFile);
		copyFileSync(files.keyFile, keyFile);
	};
	beforeEach(() => install(first));
	after(() => rmSync(directory, { recursive: true }));

	test("are what was read last, also for those who copy them for each connection", () => {
		const files = new TlsFiles("kafka.tls", names);
		assert.deepEqual({ ...files.material }.ca, readFileSync(first.caFile));
		assert.equal(files.renew(), false);
		install(second);
		assert.deepEqual(files.material.key, readFileSync(first.keyFile));
		assert.equal(files.renew(), true);
		assert.equal(files.renew(), false);
		const { ca, cert, key } = { ...files.material };
		assert.deepEqual(
			[ca, cert, key],
			[second.caFile, second.certFile, second.keyFile].map((file) => readFileSync(file)),
		);
	});

	test("that cannot be used change nothing, and are named by their setting", () => {
		const files = new TlsFiles("kafka.tls", names);
		const ca = readFileSync(first.caFile, "utf8");
		const cases: readonly (readonly [string, string, RegExp])[] = [
			[caFile, "no certificate", /^Error: kafka\.tls\.caFile: \S+ca\.pem holds no usable certificate$/],
			[
				caFile,
				`${ca}${ca.replace(/MI[^\n]+/, "MIIBdGVzdA==")}`,
				/^Error: kafka\.tls\.caFile: .*no usable certificate$/,
			],
			[certFile, "", /^Error: kafka\.tls\.certFile: \S+own\.pem holds no usable certificate$/],
			[certFile, `\uFEFF${readFileSync(first.certFile, "utf8")}`, /certFile: .*begins with a byte order mark$/],
			[keyFile, ca, /^Error: kafka\.tls\.keyFile: \S+own\.key holds no usable private key/],
			[keyFile, readFileSync(second.keyFile, "utf8"), /keyFile: \S+own\.key is not the key of \S+own\.pem$/],
		];
		for (const [file, content, expected] of cases) {
			install(first);
			writeFileSync(file, content);
			assert.throws(
				() => files.renew(),
				(error) => expected.test(String(error)) || assert.fail(String(error)),
			);
			assert.throws(() => new TlsFiles("kafka.tls", names), expected);
			assert.deepEqual(files.material.ca, readFileSync(first.caFile));
		}
		rmSync(caFile);
		assert.throws(() => files.renew(), /kafka\.tls\.caFile: \S+ca\.pem cannot be read: ENOENT/);
		assert.deepEqual(files.material.ca, readFileSync(first.caFile));
	});

	test("of one setting do not keep those of another from being renewed", () => {
		const logger = quietLogger();
		const set = new TlsFileSet(logger);
		const broken = join(directory, "broken.pem");
		copyFileSync(first.caFile, broken);
		const kept = set.open("discovery.etcd", { caFile: broken });
		const renewed = set.open("kafka.tls", names);
		set.renew();
		assert.deepEqual(logger.lines, []);
		writeFileSync(broken, "-----BEGIN CERTIFICATE-----");
		install(second);
		set.renew();
		assert.deepEqual(kept.material.ca, readFileSync(first.caFile));
		assert.deepEqual(renewed.material.ca, readFileSync(second.caFile));
		const said = logger.lines.map(({ level, message, fields }) => [
			level,
			message,
			(fields as { setting: string }).setting,
		]);
		assert.deepEqual(said, [
			["error", "TLS files not renewed, those that were read before stay in use", "discovery.etcd"],
			["info", "TLS files renewed: new connections use them", "kafka.tls"],
		]);
	});
});
