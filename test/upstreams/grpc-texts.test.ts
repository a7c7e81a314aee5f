// grpc-js says by its texts alone whether a call has reached a server: they are those of the version that is installed.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { NEVER_LEFT, TOO_LARGE } from "../../upstreams/grpc/grpc-endpoint.ts";

test("grpc-js has the texts that calls are judged by", () => {
	const directory = fileURLToPath(new URL(".", import.meta.resolve("@grpc/grpc-js")));
	const sources = globSync("*.js", { cwd: directory }).map((name) => readFileSync(`${directory}/${name}`, "utf8"));
	assert.ok(sources.length > 20, directory);
	for (const text of [...NEVER_LEFT, ...TOO_LARGE]) {
		assert.ok(
			sources.some((source) => source.includes(text)),
			text,
		);
	}
});
