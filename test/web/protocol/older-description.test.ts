// The forms of the older dialect are of the messages that its page describes, and their samples fit in them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { messageNamed } from "../../../web/protocol/catalog.ts";
import { OLDER_TYPES, olderMessageName, olderSamples } from "../../../web/protocol/older-messages.ts";
import { violationsOf } from "../../../web/protocol/rules.ts";
import { page, section, table } from "../../docs/markdown.ts";

describe("forms of the older dialect", () => {
	const rows = table(section(page("docs/reference/edge-json.md"), "From the front end"));

	for (const type of OLDER_TYPES) {
		it(`${type} has fields that the dialect has, and a sample that breaks no rule`, () => {
			const described = rows.find((row) => row["type"] === type)?.["data"] ?? "";
			const names = messageNamed(olderMessageName(type)).fields.map(({ name }) => name);
			for (const name of names) assert.match(described, new RegExp(`\\b${name}\\b`));
			assert.deepEqual(
				Object.keys(olderSamples[type]).filter((name) => !names.includes(name)),
				[],
			);
			assert.deepEqual(violationsOf(olderMessageName(type), olderSamples[type]), []);
		});
	}
});
