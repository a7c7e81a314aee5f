// Block 4xxx: device models and rules of field boxes.

import type { Clock } from "../common/clock.ts";
import type { Call } from "../core/call.ts";
import { defineModule } from "../core/route.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import {
	edgeModelRoutes,
	Model,
	ModelSummary,
	NamedValue,
	PointMapping,
	RuleExecution,
	RuleStateResponse,
	RuleSummary,
} from "../protocol/gen/schema.ts";
import { ReplyPage, ReplyRoom } from "../protocol/reply-page.ts";
import type { BoxExecution, BoxMapping, NamedReading } from "../services/edge/boxes/box-models.ts";
import type { Boxes } from "../services/edge/boxes/boxes.ts";
import type { ModelHead, Models } from "../services/edge/models/models.ts";
import { memberList, pageOfMembers } from "../services/edge/models/pages.ts";
import { wireReading } from "../services/edge/models/reading-wire.ts";
import { type RuleHead, type Rules, ruleChannel } from "../services/edge/models/rules.ts";

export interface EdgeModelServices {
	readonly boxes: Boxes;
	readonly models: Models;
	readonly rules: Rules;
	readonly clock: Clock;
}

const MODELS_PER_TOKEN = 50;

export const edgeModelModule = defineModule<EdgeModelServices>("edgeModel", (implement) => [
	implement(edgeModelRoutes.modelList, async (request, call, { models }) => {
		const { box = "", template = "", cursor = "", limit = 0 } = request;
		// Each model is a document that is read and parsed for its name.
		const waitMs = call.takeTokens(Math.floor(limit / MODELS_PER_TOKEN));
		if (waitMs > 0) throw new GatewayError(ErrorCode.RATE_LIMITED, "too many requests", { retryAfterMs: waitMs });
		const page = new ReplyPage(call.peer.encoding, ModelSummary, wireModel);
		const { nextCursor } = await models.list(call.identity().userId, box, template, cursor, limit, page);
		return { models: page.items, nextCursor };
	}),

	implement(edgeModelRoutes.modelGet, async (request, call, { models }) => {
		const { box = "", modelId = "", cursor = "" } = request;
		const { id, name, template, ...lists } = await models.get(call.identity().userId, box, modelId);
		const room = new ReplyRoom(call.peer.encoding);
		const properties = new ReplyPage(room, Model, wireProperty);
		const measurements = new ReplyPage(room, PointMapping, wireMapping);
		const actions = new ReplyPage(room, PointMapping, wireMapping);
		const nextCursor = pageOfMembers(`model:${box}:${id}`, cursor, [
			memberList(Object.entries(lists.properties), properties),
			memberList(lists.measurements, measurements),
			memberList(lists.actions, actions),
		]);
		const shown = Object.fromEntries(properties.items.flatMap((item) => Object.entries(item.properties ?? {})));
		const model = { id, name, template, properties: shown, measurements: measurements.items, actions: actions.items };
		return { model, nextCursor };
	}),

	implement(edgeModelRoutes.modelValues, async (request, call, { models, clock }) => {
		const { box = "", modelId = "", cursor = "" } = request;
		const values = await models.values(call.identity().userId, box, modelId);
		const room = new ReplyRoom(call.peer.encoding);
		const measurements = new ReplyPage(room, NamedValue, wireNamed);
		const actions = new ReplyPage(room, NamedValue, wireNamed);
		const nextCursor = pageOfMembers(`values:${box}:${modelId}`, cursor, [
			memberList(values.measurements, measurements),
			memberList(values.actions, actions),
		]);
		return { measurements: measurements.items, actions: actions.items, serverTsMs: clock.now(), nextCursor };
	}),

	implement(edgeModelRoutes.ruleList, async (request, call, { rules }) => {
		const { box = "", onlyActive = false, cursor = "", limit = 0 } = request;
		const page = new ReplyPage(call.peer.encoding, RuleSummary, wireRule);
		const { nextCursor } = await rules.list(call.identity().userId, box, onlyActive, cursor, limit, page);
		return { rules: page.items, nextCursor };
	}),

	implement(edgeModelRoutes.ruleGet, async (request, call, { rules }) => {
		const { box = "", ruleId = "" } = request;
		const { id, name, isActive, priority, definitionJson } = await rules.get(call.identity().userId, box, ruleId);
		return { rule: { id, name, isActive, priority }, definitionJson };
	}),

	implement(edgeModelRoutes.ruleState, async (request, call, { boxes, rules }) => {
		const { box = "", ruleId = "", follow = false, stop = false, cursor = "" } = request;
		const channel = ruleChannel(boxes.box(box).name);
		const { userId } = call.identity();
		const list = `rule:${box}:${ruleId}`;
		const state = ruleId === "" ? {} : stateOf(call, await rules.state(userId, box, ruleId), list, cursor);
		if (stop) call.peer.unsubscribeChannel(channel);
		if (!follow || stop) return state;
		const { offset, epoch } = await call.peer.subscribeChannel(channel);
		return { ...state, channel, offset, epoch };
	}),
]);

function wireMapping({ name, channel, pointId, type }: BoxMapping) {
	return { name, channel, pointId, dataType: type };
}

function wireNamed({ name, reading }: NamedReading) {
	return { name, value: wireReading(reading) };
}

function wireModel({ id, name, template }: ModelHead) {
	return { id, name, template };
}

function wireProperty([key, value]: readonly [string, string]) {
	return { properties: { [key]: value } };
}

function wireRule({ id, name, isActive, priority }: RuleHead) {
	return { id, name, isActive, priority };
}

interface RuleStanding {
	readonly state: Readonly<Record<string, string>>;
	readonly executions: readonly BoxExecution[];
}

/** A page of the state of a rule and its executions. */
function stateOf(call: Call, standing: RuleStanding, name: string, cursor: string) {
	const room = new ReplyRoom(call.peer.encoding);
	const state = new ReplyPage(room, RuleStateResponse, ([key, value]: readonly [string, string]) => {
		return { state: { [key]: value } };
	});
	const executions = new ReplyPage(room, RuleExecution, (execution: BoxExecution) => execution);
	const nextCursor = pageOfMembers(name, cursor, [
		memberList(Object.entries(standing.state), state),
		memberList(standing.executions, executions),
	]);
	const shown = Object.fromEntries(state.items.flatMap((item) => Object.entries(item.state ?? {})));
	return { state: shown, executions: executions.items, nextCursor };
}
