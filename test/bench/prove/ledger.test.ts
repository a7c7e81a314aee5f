// The comparison of the ledger finds each kind of loss that the proof claims there is none of.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	compareRoom,
	type Findings,
	type LoggedMessage,
	noFindings,
	type RoomLedger,
} from "../../../bench/prove/ledger.ts";

const sent = [
	{ id: "a:1", sender: "a", number: 1, sequence: 1 },
	{ id: "b:1", sender: "b", number: 1, sequence: 2 },
	{ id: "a:2", sender: "a", number: 2, sequence: 3 },
];
const whole: readonly LoggedMessage[] = sent.map(({ id, sequence }) => ({ id, sequence }));
const [first, second, third] = whole as [LoggedMessage, LoggedMessage, LoggedMessage];

/** What is found when everything is right but for what is given. */
function findings(room: Partial<Omit<RoomLedger, "logs">>, log: readonly LoggedMessage[] = whole) {
	const found = noFindings();
	const logs = new Map([
		["ann", whole],
		["bob", log],
	]);
	compareRoom({ room: "1", sent, stored: whole, ...room, logs }, found);
	const { examples, ...counts } = found;
	return { examples, counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)) };
}

type Counts = Partial<Omit<Findings, "examples">>;

function finds(what: string, expected: Counts, ...given: Parameters<typeof findings>): void {
	test(what, () => {
		const { counts, examples } = findings(...given);
		assert.deepEqual(counts, expected);
		assert.equal(examples.length > 0, Object.keys(expected).length > 0);
	});
}

finds("nothing, when every log is the room", {}, {});
finds("a message that a client did not get", { lost: 1 }, {}, [first, third]);
finds("a client that got nothing", { lost: 3 }, {}, []);
finds("a message that came twice", { twice: 1 }, {}, [first, second, second, third]);
finds("a message that came again at the end", { twice: 1 }, {}, [...whole, first]);
finds("two messages the wrong way round", { outOfOrder: 1 }, {}, [first, third, second]);
finds("a message under another's number", { wrong: 1 }, {}, [first, second, { id: "a:2", sequence: 4 }]);
finds("a message that no client sent", { wrong: 1 }, {}, [...whole, { id: "x:1", sequence: 4 }]);
finds("an acknowledged message that is not kept, whichever clients got it", { lost: 1 }, { stored: [first, second] });
finds(
	"a message that was stored twice",
	// Out of order as well, among its sender's.
	{ twice: 1, wrong: 1, outOfOrder: 1 },
	{ stored: [...whole, { id: "a:1", sequence: 4 }] },
);
finds("a gap in the history", { lost: 1, wrong: 1 }, { stored: [first, third] });
finds(
	"a message that was never acknowledged, though every client has it",
	{ unacknowledged: 1 },
	{
		sent: sent.map((message) => (message.id === "a:2" ? { ...message, sequence: undefined } : message)),
	},
);
finds(
	"a message that was stored, not acknowledged, and not delivered",
	{ unacknowledged: 1, lost: 1 },
	{ sent: sent.map((message) => (message.id === "a:2" ? { ...message, sequence: undefined } : message)) },
	[first, second],
);

test("a sender's messages that were stored the wrong way round", () => {
	const swapped = [
		{ id: "a:2", sequence: 1 },
		{ id: "b:1", sequence: 2 },
		{ id: "a:1", sequence: 3 },
	];
	const found = noFindings();
	const acknowledged = sent.map((message) => {
		return { ...message, sequence: swapped.find(({ id }) => id === message.id)?.sequence };
	});
	compareRoom({ room: "1", sent: acknowledged, stored: swapped, logs: new Map([["ann", swapped]]) }, found);
	assert.equal(found.outOfOrder, 1);
	assert.match(found.examples[0] ?? "", /a:1 stands behind number 2/);
});

test("findings of rooms add up, and examples end", () => {
	const found = noFindings();
	for (let room = 0; room < 20; room++) {
		compareRoom({ room: String(room), sent, stored: whole, logs: new Map([["ann", []]]) }, found);
	}
	assert.equal(found.lost, 60);
	assert.equal(found.examples.length, 12);
});
