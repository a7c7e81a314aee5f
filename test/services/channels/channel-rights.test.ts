// Who may subscribe to an application channel, by rules, tokens and what backends granted or took away, and what a server-side
// subscription or removal does.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import type { ChannelGrant } from "../../../messaging/publisher.ts";
import { ApplicationChannels } from "../../../services/channels/application-channels.ts";
import { ChannelRights } from "../../../services/channels/channel-authorizers.ts";
import { permitsUser } from "../../../services/channels/channel-rules.ts";
import { MemoryChannelGrantStore } from "../../../services/channels/grant-store-memory.ts";
import { Namespaces } from "../../../services/channels/namespaces.ts";
import { applicationChannelsDefaults, namespaceOptions } from "../../../services/channels/options.ts";
import { handClock } from "../../support/hand-clock.ts";

const START_MS = 1_700_000_000_000;

function userOf(userId: string, more: Partial<Identity> = {}): Identity {
	const session = { sessionId: "s", username: userId, deviceId: "", expiresAtMs: 0 };
	return { ...session, userId, roles: ["user"], permissions: new Set(), ...more };
}

function fixture() {
	const clock = handClock(START_MS);
	const grants = new MemoryChannelGrantStore(() => clock.monotonic());
	const namespaces = new Namespaces(
		{
			open: namespaceOptions({ subscribe: ["session"] }),
			desk: namespaceOptions({ subscribe: ["token"] }),
			given: namespaceOptions({ subscribe: ["granted"], presence: true, presenceEvents: true }),
		},
		() => clock.monotonic(),
	);
	const rights = new ChannelRights({ namespaces, grants, guestRole: "guest", now: () => clock.now() });
	const memberships: string[] = [];
	const publisher = {
		publish: async () => ({ offset: 1, epoch: "e" }),
		joinUser: async (userId: string, channel: string) => void memberships.push(`+${userId} ${channel}`),
		removeUser: async (userId: string, channel: string) => void memberships.push(`-${userId} ${channel}`),
	};
	const unused = {} as never;
	const channels = new ApplicationChannels(
		{ namespaces, rights, grants, publisher, clock, tokens: unused, presence: unused, broker: unused },
		applicationChannelsDefaults,
	);
	return { clock, rights, channels, memberships };
}

const grantFrom = (issuedAtMs: number, channel = "desk:1"): ChannelGrant => {
	return { userId: "ada", channel, issuedAtMs, expiresAtMs: issuedAtMs + 600_000 };
};

describe("rights in application channels", () => {
	it("rules name users by session, role, permission and id; an API key is no user", () => {
		const guest = userOf("g", { roles: ["guest"] });
		const key = userOf("k", { key: {} as never, permissions: new Set(["*"]) });
		const writer = userOf("w", { permissions: new Set(["scores.write"]) });
		const admin = userOf("a", { permissions: new Set(["*"]) });
		const cases: [rule: string, rest: string, permitted: Identity[], refused: Identity[]][] = [
			["everyone", "x", [guest, writer], [key]],
			["session", "x", [writer], [guest, key]],
			["permission:scores.write", "x", [writer, admin], [guest, key]],
			["own", "w", [writer], [admin, key]],
			["own", "w:orders", [writer], [admin]],
			["own", "wx", [], [writer]],
			["token", "x", [], [writer, admin]],
			["granted", "x", [], [writer, admin]],
		];
		for (const [rule, rest, permitted, refused] of cases) {
			for (const identity of permitted)
				assert.ok(permitsUser([rule], identity, rest, "guest"), `${rule} ${identity.userId}`);
			for (const identity of refused)
				assert.ok(!permitsUser([rule], identity, rest, "guest"), `${rule} ${identity.userId}`);
		}
		assert.equal(permitsUser([], admin, "x", "guest"), false);
	});

	it("a token permits until it has expired, with the leeway of clocks", async () => {
		const { clock, rights } = fixture();
		const ada = userOf("ada");
		const grant = grantFrom(START_MS);
		assert.equal(await rights.canSubscribe(ada, "desk:1"), false);
		assert.equal(await rights.canSubscribe(ada, "desk:1", grant), true);
		clock.advance(604_999);
		assert.equal(await rights.canSubscribe(ada, "desk:1", grant), true);
		clock.advance(1);
		assert.equal(await rights.canSubscribe(ada, "desk:1", grant), false);
	});

	it("a user who was removed cannot come back with a token that was issued before, but with a later one", async () => {
		const { clock, rights, channels, memberships } = fixture();
		const ada = userOf("ada");
		await channels.unsubscribeUser("ada", "desk:1");
		assert.deepEqual(memberships, ["-ada desk:1"]);
		assert.equal(await rights.canSubscribe(ada, "desk:1", grantFrom(START_MS)), false);
		assert.equal(await rights.canSubscribe(ada, "desk:2", grantFrom(START_MS, "desk:2")), true);
		clock.advance(1000);
		assert.equal(await rights.canSubscribe(ada, "desk:1", grantFrom(START_MS + 1000)), true);
	});

	it("a backend's grant permits until it ends or is taken away", async () => {
		const { clock, rights, channels, memberships } = fixture();
		const ada = userOf("ada");
		assert.equal(await rights.canSubscribe(ada, "given:1"), false);
		await channels.subscribeUser("ada", "given:1", 60_000);
		assert.equal(await rights.canSubscribe(ada, "given:1"), true);
		assert.equal(await rights.canSubscribe(userOf("bob"), "given:1"), false);
		await channels.unsubscribeUser("ada", "given:1");
		assert.equal(await rights.canSubscribe(ada, "given:1"), false);
		await channels.subscribeUser("ada", "given:1", 60_000);
		clock.advance(60_000);
		assert.equal(await rights.canSubscribe(ada, "given:1"), false);
		assert.deepEqual(memberships, ["+ada given:1", "-ada joins:given:1", "-ada given:1", "+ada given:1"]);
		await assert.rejects(channels.subscribeUser("ada", "open:1"), /no rule "granted"/);
	});

	it("answers many queries in the order asked, and presence events are for those who may subscribe", async () => {
		const { rights, channels } = fixture();
		await channels.subscribeUser("ada", "given:1");
		const [ada, bob] = [userOf("ada"), userOf("bob")];
		const queries = [
			{ identity: bob, channel: "given:1" },
			{ identity: ada, channel: "given:1" },
			{ identity: bob, channel: "open:1" },
			{ identity: ada, channel: "desk:1", grant: grantFrom(START_MS) },
			{ identity: bob, channel: "open:" },
		];
		assert.deepEqual(await rights.canSubscribeEach(queries), [false, true, true, true, false]);
		const joins = rights.authorizers().find(({ prefix }) => prefix === "joins:");
		assert.equal(await joins?.canSubscribe(ada, "joins:given:1"), true);
		assert.equal(await joins?.canSubscribe(bob, "joins:given:1"), false);
		assert.equal(await joins?.canSubscribe(bob, "joins:open:1"), false, "the namespace has no presence");
		assert.equal(await joins?.canSubscribe(bob, "joins:nowhere:1"), false);
	});
});
