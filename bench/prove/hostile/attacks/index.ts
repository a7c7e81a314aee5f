// All attacks, in the order of the scenarios.
import type { Attack } from "../attack.ts";
import { strikeAttack } from "../strike-attack.ts";
import { busy } from "../strikes/busy.ts";
import { hugeHashes, hugeJson, wrongTypes } from "../strikes/huge.ts";
import { evalRefused, selectRefused, subscribeRefused } from "../strikes/rights.ts";
import { controlFramesAttacks } from "./control-frames.ts";
import { halfFrames, halfRequests } from "./half-messages.ts";
import { handshakes } from "./handshakes.ts";
import { history } from "./history.ts";
import { httpBodies } from "./http-bodies.ts";
import { loginFramesAttacks } from "./login-frames.ts";
import { notifications } from "./notifications.ts";
import { relayGames } from "./relay-games.ts";
import { rooms } from "./rooms.ts";
import { subscriptions } from "./subscriptions.ts";
import { unreadReplies } from "./unread-replies.ts";

export const attacks = [
	...loginFramesAttacks,
	handshakes,
	halfFrames,
	halfRequests,
	...controlFramesAttacks,
	httpBodies,
	unreadReplies,
	history,
	rooms,
	subscriptions,
	notifications,
	relayGames,
] as readonly Attack[];

/** Those on a Redis. */
export const strikes = {
	box: [subscribeRefused, busy, selectRefused, hugeHashes, wrongTypes, hugeJson].map(strikeAttack),
	nodes: [subscribeRefused, busy, evalRefused].map(strikeAttack),
} as const;
