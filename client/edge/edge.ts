// Field boxes, protocol block 4xxx: subscriptions that survive reconnects, commands that are tracked to their end,
// alarms, models and rules.
import type { WirePush } from "../../protocol/codec/wire.ts";
import {
	type Alarm,
	type AlarmCount,
	type AlarmListRequestProperties,
	type AlarmRecord,
	edgeAlarmRoutes,
} from "../../protocol/gen/codec/edge-alarm.ts";
import { edgeControlRoutes } from "../../protocol/gen/codec/edge-control.ts";
import {
	edgeModelRoutes,
	type ModelListRequestProperties,
	type ModelSummary,
	type RuleExecuted,
	type RuleListRequestProperties,
	type RuleSummary,
} from "../../protocol/gen/codec/edge-model.ts";
import {
	type ChannelInfo,
	edgeTelemetryRoutes,
	type ListChannelsRequestProperties,
	type SourceStatus,
	type SubscribeRequestProperties,
} from "../../protocol/gen/codec/edge-telemetry.ts";
import type { PushInfo } from "../channels/subscriptions.ts";
import type { Unsubscribe } from "../listeners.ts";
import type { ClientContext } from "../requests/client-context.ts";
import { paged } from "../requests/pages.ts";
import { type RequestOptions, type RouteMethods, routeMethods } from "../requests/routes.ts";
import { EdgeCommands } from "./edge-commands.ts";
import { type EdgeReads, edgeReads } from "./edge-pages.ts";
import type { EdgeSubscription } from "./edge-subscription.ts";
import { EdgeSubscriptions } from "./edge-subscriptions.ts";

const methodRoutes = {
	readNow: edgeTelemetryRoutes.readNow,
	commandStatus: edgeControlRoutes.commandStatus,
	ackAlarm: edgeAlarmRoutes.alarmAck,
	clearAlarm: edgeAlarmRoutes.alarmClear,
	countAlarms: edgeAlarmRoutes.alarmCount,
	/** Subscribes to a box's alarms, through reconnects too, or unsubscribes. Listen with `edge.on(pushes.alarm, …)`. */
	subscribeAlarms: edgeAlarmRoutes.alarmSubscribe,
	rule: edgeModelRoutes.ruleGet,
} as const;

type EdgePush = Alarm | AlarmCount | RuleExecuted | SourceStatus;
type Sequence<Item> = AsyncGenerator<Item, void, undefined>;

export interface Edge
	extends RouteMethods<typeof methodRoutes>,
		EdgeReads,
		Pick<EdgeCommands, "write" | "select" | "operate" | "cancel"> {
	/**
	 * Watches points. Begins again by itself after every reconnect.
	 *
	 * @throws GatewayError the server's error, this first time only.
	 */
	subscribe(request: SubscribeRequestProperties, options?: RequestOptions): Promise<EdgeSubscription>;
	/** Channels of a source, fetched as they are asked for. */
	channels(filter?: ListChannelsRequestProperties, options?: RequestOptions): Sequence<ChannelInfo>;
	/** Newest first. */
	alarms(filter?: AlarmListRequestProperties, options?: RequestOptions): Sequence<AlarmRecord>;
	models(filter?: ModelListRequestProperties, options?: RequestOptions): Sequence<ModelSummary>;
	rules(filter?: RuleListRequestProperties, options?: RequestOptions): Sequence<RuleSummary>;
	/** Listens to `pushes.alarm`, `alarmCount`, `ruleExecuted` or `sourceStatus`. */
	on<Message extends EdgePush, Properties>(
		push: WirePush<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
	): Unsubscribe;
}

/** Field boxes: `client.use(edgePart).subscribe({ channels: [1001] })`. */
export function edgePart(context: ClientContext): Edge {
	const subscriptions = new EdgeSubscriptions(context);
	const commands = new EdgeCommands(context);
	const methods = routeMethods(methodRoutes, context.request);
	const reads = edgeReads(context);
	/** After an unsubscribe the client must not subscribe again after a reconnect either. */
	const unsubscribeIfStopped = <Reply extends { readonly channel?: string }>(
		reply: Reply,
		isStopped: boolean | null,
	): Reply => {
		if (isStopped && reply.channel) context.unsubscribe(reply.channel);
		return reply;
	};
	return Object.freeze({
		...methods,
		...reads,
		subscribeAlarms: async (properties = {}, options) =>
			unsubscribeIfStopped(await methods.subscribeAlarms(properties, options), properties.stop ?? false),
		ruleState: async (properties = {}, options) =>
			unsubscribeIfStopped(await reads.ruleState(properties, options), properties.stop ?? false),
		subscribe: (request, options) => subscriptions.open(request, options),
		write: commands.write.bind(commands),
		select: commands.select.bind(commands),
		operate: commands.operate.bind(commands),
		cancel: commands.cancel.bind(commands),
		on: (push, listener) => context.on(push, listener),
		...lists(context),
	} satisfies Edge);
}

function lists({ request }: ClientContext): Pick<Edge, "channels" | "alarms" | "models" | "rules"> {
	return {
		channels: (filter, options) =>
			paged(
				(cursor) => request(edgeTelemetryRoutes.listChannels, { ...filter, cursor }, options),
				(reply) => reply.channels as ChannelInfo[],
			),
		alarms: (filter, options) =>
			paged(
				(cursor) => request(edgeAlarmRoutes.alarmList, { ...filter, cursor }, options),
				(reply) => reply.alarms as AlarmRecord[],
			),
		models: (filter, options) =>
			paged(
				(cursor) => request(edgeModelRoutes.modelList, { ...filter, cursor }, options),
				(reply) => reply.models as ModelSummary[],
			),
		rules: (filter, options) =>
			paged(
				(cursor) => request(edgeModelRoutes.ruleList, { ...filter, cursor }, options),
				(reply) => reply.rules as RuleSummary[],
			),
	};
}
