// Reads of one thing that may be more than one message: the rest is asked for, and the caller gets all of it.
import {
	edgeModelRoutes,
	type ModelGetResponse,
	type ModelValuesResponse,
	type RuleStateResponse,
} from "../../protocol/gen/codec/edge-model.ts";
import { edgeTelemetryRoutes, type ListSubscriptionsResponse } from "../../protocol/gen/codec/edge-telemetry.ts";
import type { ClientContext } from "../requests/client-context.ts";
import { completed, joined } from "../requests/pages.ts";
import { type RouteMethods, routeMethods } from "../requests/routes.ts";

const pagedRoutes = {
	subscriptions: edgeTelemetryRoutes.listSubscriptions,
	model: edgeModelRoutes.modelGet,
	modelValues: edgeModelRoutes.modelValues,
	/** The state of a rule; with `follow`, executions come with `edge.on(pushes.ruleExecuted, …)`. */
	ruleState: edgeModelRoutes.ruleState,
} as const;

export type EdgeReads = RouteMethods<typeof pagedRoutes>;

const cursorOf = (reply: { readonly nextCursor?: string }) => reply.nextCursor;

export function edgeReads({ request }: ClientContext): EdgeReads {
	const methods = routeMethods(pagedRoutes, request);
	return {
		subscriptions: async (properties = {}, options) =>
			completed(
				await methods.subscriptions(properties, options),
				cursorOf,
				(cursor) => methods.subscriptions({ ...properties, cursor }, options),
				withSubscriptions,
			),
		model: async (properties = {}, options) =>
			completed(
				await methods.model(properties, options),
				cursorOf,
				(cursor) => methods.model({ ...properties, cursor }, options),
				withMembers,
			),
		modelValues: async (properties = {}, options) =>
			completed(
				await methods.modelValues(properties, options),
				cursorOf,
				(cursor) => methods.modelValues({ ...properties, cursor }, options),
				withValues,
			),
		ruleState: async (properties = {}, options) =>
			completed(
				await methods.ruleState(properties, options),
				cursorOf,
				(cursor) => methods.ruleState({ box: properties.box ?? "", ruleId: properties.ruleId ?? "", cursor }, options),
				withState,
			),
	};
}

function withSubscriptions(all: ListSubscriptionsResponse, next: ListSubscriptionsResponse): ListSubscriptionsResponse {
	const subscriptions = joined(all.subscriptions, next.subscriptions);
	return { ...all, subscriptions, nextCursor: "" } as ListSubscriptionsResponse;
}

function withMembers(all: ModelGetResponse, next: ModelGetResponse): ModelGetResponse {
	const model = {
		...all.model,
		properties: { ...all.model?.properties, ...next.model?.properties },
		measurements: joined(all.model?.measurements, next.model?.measurements),
		actions: joined(all.model?.actions, next.model?.actions),
	};
	return { ...all, model, nextCursor: "" } as ModelGetResponse;
}

function withValues(all: ModelValuesResponse, next: ModelValuesResponse): ModelValuesResponse {
	const measurements = joined(all.measurements, next.measurements);
	const actions = joined(all.actions, next.actions);
	return { ...all, measurements, actions, nextCursor: "" } as ModelValuesResponse;
}

function withState(all: RuleStateResponse, next: RuleStateResponse): RuleStateResponse {
	const state = { ...all.state, ...next.state };
	const executions = joined(all.executions, next.executions);
	return { ...all, state, executions, nextCursor: "" } as RuleStateResponse;
}
