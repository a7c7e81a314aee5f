// The jars of Kafka, from Maven Central by the machine's own Maven settings: fetched once, into a cache outside of the repository. `npm test`
// does so before it starts any test that needs them (scripts/test-programs.ts).
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "../programs.ts";

const pom = fileURLToPath(new URL("pom.xml", import.meta.url));
const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(readFileSync(pom, "utf8"))?.[1] ?? "";
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "framegate-kafka");
const directory = join(cache, version);
const GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
const FETCH_WITHIN_MS = 300_000;

export function hasKafka(): boolean {
	return existsSync(directory);
}

/** The class path of the broker. @throws Error in one line when it was not fetched. */
export function kafkaClassPath(): string {
	if (hasKafka()) return join(directory, "*");
	throw new Error(`Kafka ${version} of Maven Central is missing in ${cache}: npm test fetches it`);
}

/** @throws Error with what Maven says when it cannot be fetched. */
export function fetchKafka(): void {
	const maven = findProgram("mvn");
	findProgram("java");
	mkdirSync(cache, { recursive: true });
	const partial = join(cache, `${version}-${process.pid}`);
	try {
		const args = ["-q", "-B", "-f", pom, GOAL, "-DincludeScope=runtime", `-DoutputDirectory=${partial}`];
		execFileSync(maven, args, { timeout: FETCH_WITHIN_MS, stdio: ["ignore", "pipe", "pipe"] });
		// Only now, so that a fetch that broke off is not taken for one; another process may have been first.
		if (!hasKafka()) renameSync(partial, directory);
	} finally {
		rmSync(partial, { recursive: true, force: true });
	}
}
