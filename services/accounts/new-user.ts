// The record of a user who is about to be created.
import { v7 as uuidv7 } from "uuid";
import type { UserRecord } from "./user-store.ts";

type NewUser = Pick<UserRecord, "username" | "usernameKey" | "email" | "nickname" | "passwordHash" | "roles">;

/** @param nowMs - Unix milliseconds. */
export function newUser(fields: NewUser, nowMs: number): UserRecord {
	return {
		id: uuidv7(),
		...fields,
		status: "active",
		createdAtMs: nowMs,
		updatedAtMs: nowMs,
		avatarUrl: "",
		metadata: {},
		version: 1,
	};
}
