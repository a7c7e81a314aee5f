// What modules and programs do through the gateway, in the form in which their code has it.
import type { GatewayFunctions, ModulePush, NotificationOptions } from "../../module/index.ts";
import { jsonPush } from "../../protocol/json-message.ts";
import type { ModuleServices, PushName } from "./module-services.ts";

/** The name and the body of a push that is to be sent. @throws Error when the body is not what the push declares. */
export type Outgoing = (push: ModulePush, body: unknown) => { readonly contract: PushName; readonly body: object };

/** Runs work, and makes its errors those that the caller knows. */
export type Guarded = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function gatewayFunctions(services: ModuleServices, outgoing: Outgoing, guarded: Guarded): GatewayFunctions {
	return {
		online: (userIds) => guarded(() => services.online(userIds)),
		unicast: (userId: string, push: ModulePush, given: unknown) =>
			guarded(async () => {
				const { contract, body } = outgoing(push, given);
				await services.unicast(userId, contract, body);
			}),
		broadcast: (push: ModulePush, given: unknown) =>
			guarded(async () => {
				const { contract, body } = outgoing(push, given);
				return await services.broadcast(contract, body);
			}),
		publish: (channel, data) =>
			guarded(async () => {
				const text = JSON.stringify(data) as string | undefined;
				if (text === undefined) throw new TypeError("publish: the data is none that JSON has");
				await services.publish(channel, text);
			}),
		notify: (userIds, { type, variables = {}, data = {} }: NotificationOptions) =>
			guarded(async () => {
				await services.notify({ userIds, type, variables, data });
			}),
		disconnect: (userId) => guarded(() => services.disconnect(userId)),
	};
}

/** Of a program, which declares no pushes. */
export const anyOutgoing: Outgoing = (push, given) => {
	const { number, body } = push.options;
	if (jsonPush(number) === undefined) throw new Error(`push ${number}: numbers of modules are 7501 to 7999`);
	return { contract: { number, name: `push ${number}` }, body: body.parse(given) as object };
};
