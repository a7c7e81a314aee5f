// Commands and channels that are closed.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { EdgePolicy } from "../../../../services/edge/edge-policy.ts";
import { type ControlFixture, controlFixture, operator, target } from "./fixture.ts";

const policy = new EdgePolicy(["5-9"]);
const ada = operator("ada");
let fixture: ControlFixture;
beforeEach(async () => {
	fixture = await controlFixture();
});
afterEach(() => fixture.close());

describe("a closed channel", () => {
	test("is neither written nor selected, and the attempt is on record", async () => {
		const node = fixture.node({}, { policy });
		const request = { target: target(1), value: 1 };
		await assert.rejects(node.write(ada, request), { code: ErrorCode.PERMISSION_DENIED });
		await assert.rejects(node.select(ada, request), { code: ErrorCode.PERMISSION_DENIED });
		assert.deepEqual(fixture.held.sent, []);
		assert.deepEqual((await fixture.outcomes()).toSorted(), ["control.select refused", "control.write refused"]);
	});

	test("reveals nothing by commands from a time when it was open", async () => {
		const { id } = await fixture.node().write(ada, { target: target(1), value: 1 });
		assert.equal((await fixture.node().status(ada, id)).value, 1);
		await assert.rejects(fixture.node({}, { policy }).status(ada, id), { code: ErrorCode.NOT_FOUND });
	});
});
