// What a client says of itself in the handshake, and what it gets for it: a sub-protocol, and the encoding of the first messages.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { UpgradeRequest } from "../../core/transport.ts";
import { CloseCode } from "../../protocol/codes.ts";
import { GatewayFixture } from "./gateway-fixture.ts";

describe("the handshake", () => {
	it("confirms a sub-protocol that it knows, and starts in its encoding", () => {
		const fixture = new GatewayFixture();
		const client = fixture.client({ protocols: ["soap", "framegate.v1.json"] });
		assert.equal(client.socket.protocol, "framegate.v1.json");
		assert.equal(client.connection.encoding, "json");
	});

	it("confirms a foreign sub-protocol so that a browser can read why it is rejected, and says which there are", () => {
		const fixture = new GatewayFixture();
		const { socket, closeCode } = fixture.client({ protocols: ["soap", "mqtt"] });
		// RFC 6455 section 4.1: the client fails the connection without one of those that it offered.
		assert.equal(socket.protocol, "soap");
		assert.equal(closeCode, CloseCode.SUB_PROTOCOL);
		assert.equal(socket.closed?.reason, "sub protocol: expected framegate.v1 or framegate.v1.json");
		assert.equal(fixture.client({ protocols: ["no token", "soap"] }).socket.protocol, "", "is not sent back");
		fixture.connections.admission.isDraining = true;
		const elsewhere = fixture.client({ protocols: ["soap"] });
		assert.deepEqual([elsewhere.socket.protocol, elsewhere.closeCode], ["soap", CloseCode.TOO_MANY_CONNECTIONS]);
	});

	it("takes a browser with a token in the address for an older front end, and no client with one in a header", () => {
		const fixture = new GatewayFixture({ olderDialect: true });
		const encoding = (request: Partial<UpgradeRequest>) => {
			return fixture.client({ origin: "https://app.example.com", token: "a token", ...request }).connection.encoding;
		};
		assert.equal(encoding({ isTokenInQuery: true }), "edge-json");
		// React Native, Starscream, SocketRocket and Python's websocket-client send an Origin by themselves.
		assert.equal(encoding({ isTokenInQuery: false }), "protobuf");
		assert.equal(encoding({ isTokenInQuery: true, origin: "" }), "protobuf");
		assert.equal(encoding({ isTokenInQuery: true, protocols: ["framegate.v1"] }), "protobuf");
	});

	it("takes a client with a token in the address and no sub-protocol for one of an IM, where these are served", () => {
		const fixture = new GatewayFixture({ olderDialect: true, imDialect: true });
		const encoding = (request: Partial<UpgradeRequest>) => {
			return fixture.client({ token: "a token", isTokenInQuery: true, ...request }).connection.encoding;
		};
		assert.equal(encoding({ origin: "" }), "im-json");
		assert.equal(encoding({ origin: "https://app.example.com" }), "im-json");
		assert.equal(encoding({ protocols: ["framegate.v1"] }), "protobuf");
		assert.equal(encoding({ isTokenInQuery: false }), "protobuf");
	});
});
