// Kinds of bearer tokens: which of them decides about a token, and which sessions are whose.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { type CredentialKind, Credentials } from "../../../services/accounts/credentials.ts";
import type { ResumedSession } from "../../../services/accounts/sessions.ts";

function session(userId: string): ResumedSession {
	const identity = {
		sessionId: `${userId}-session`,
		userId,
		username: userId,
		deviceId: "",
		roles: [],
		permissions: new Set<string>(),
		expiresAtMs: Number.MAX_SAFE_INTEGER,
	};
	return { identity, profile: { nickname: "", email: "", avatarUrl: "", roles: [], version: 0, registeredAtMs: 0 } };
}

/** Tokens and session ids that begin with the name of their kind. */
function kind(name: string, touch: CredentialKind["touch"] = async () => []): CredentialKind {
	const begins = (text: string) => text.startsWith(`${name}-`);
	return { name, accepts: begins, owns: begins, resume: async (token) => session(token), touch };
}

test("the first kind that accepts a token decides about it", async () => {
	const refusing: CredentialKind = {
		...kind("a"),
		resume: () => Promise.reject(new GatewayError(ErrorCode.TOKEN_EXPIRED, "expired")),
	};
	const credentials = new Credentials([refusing, kind("b"), { ...kind("rest"), accepts: () => true }]);
	assert.equal((await credentials.resume("b-1")).identity.userId, "b-1");
	assert.equal((await credentials.resume("c-1")).identity.userId, "c-1");
	// Not passed on to a kind that takes anything.
	await assert.rejects(credentials.resume("a-1"), { code: ErrorCode.TOKEN_EXPIRED });
});

test("a token of no kind is not valid", async () => {
	await assert.rejects(new Credentials([kind("a")]).resume("b-1"), { code: ErrorCode.UNAUTHENTICATED });
});

test("each kind is touched with its own sessions, and one that fails does not keep the others", async () => {
	const touched: string[][] = [];
	const ended: string[] = [];
	const credentials = new Credentials([
		kind("a", () => Promise.reject(new GatewayError(ErrorCode.UNAVAILABLE, "no store"))),
		kind("b", async (ids) => {
			touched.push([...ids]);
			return ["b-2"];
		}),
		kind("unused", () => Promise.reject(new Error("nothing of this kind is in use"))),
	]);
	const touch = credentials.touch(["a-1", "b-1", "b-2", "of-no-kind"], (ids) => ended.push(...ids));
	await assert.rejects(touch, { code: ErrorCode.UNAVAILABLE });
	assert.deepEqual(touched, [["b-1", "b-2"]]);
	assert.deepEqual(ended, ["b-2"]);
});
