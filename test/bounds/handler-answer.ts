// What the handler of a route answers, called with services that a fixture gives it.
import { authModule } from "../../handlers/auth.ts";
import { channelModule } from "../../handlers/channel.ts";
import { chatModule } from "../../handlers/chat.ts";
import { edgeAlarmModule } from "../../handlers/edge-alarm.ts";
import { edgeControlModule } from "../../handlers/edge-control.ts";
import { edgeModelModule } from "../../handlers/edge-model.ts";
import { edgeTelemetryModule } from "../../handlers/edge-telemetry.ts";
import { gameModule } from "../../handlers/game.ts";
import { identityModule } from "../../handlers/identity.ts";
import { keyModule } from "../../handlers/key.ts";
import { notificationModule } from "../../handlers/notification.ts";
import { serverModule } from "../../handlers/server.ts";
import { upstreamModule } from "../../handlers/upstream.ts";
import { userModule } from "../../handlers/user.ts";
import { HUGE, many, uuid, wide } from "./worst-values.ts";

/** Who calls. */
export const identity = {
	...{ userId: uuid(0), sessionId: uuid(1), username: wide(32), deviceId: "", roles: [], expiresAtMs: HUGE },
	permissions: new Set(many(10, () => wide(32))),
};
const modules = [
	...[authModule, chatModule, edgeAlarmModule, edgeControlModule, edgeModelModule, edgeTelemetryModule, gameModule],
	...[channelModule, identityModule, keyModule, notificationModule, serverModule, upstreamModule, userModule],
];

/** Every handler gets its services from here: they are named differently. */
type Services = Readonly<Record<string, unknown>>;

/** What `handler` of a route answers in one encoding. */
async function answer(name: string, encoding: string, request: object, services: Services): Promise<object> {
	const route = modules.flatMap(({ routes }) => [...routes]).find(({ contract }) => contract.name === name);
	if (route === undefined) throw new Error(`no handler for ${name}`);
	// Epochs are made by the gateway.
	const position = { offset: HUGE, epoch: "e".repeat(64), isRecovered: true };
	const peer = {
		encoding,
		subscribeChannel: async () => position,
		unsubscribeChannel: () => {},
		ip: "",
		bufferedBytes: () => 0,
	};
	const nothing = { authenticate: () => {}, takeTokens: () => 0, signOut: () => {}, idempotencyKey: "" };
	const call = { peer, identity: () => identity, ...nothing };
	const decoded = route.contract.request.decode(route.contract.request.encode(request).finish());
	return await route.handler(decoded, call as never, services as never);
}

/** A reply in one encoding. */
export type Fixture = (encoding: string) => Promise<object> | object;

/** What the handler of a route answers to a request. */
export const of =
	(name: string, request: object, services: Services): Fixture =>
	(encoding) =>
		answer(name, encoding, request, services);
