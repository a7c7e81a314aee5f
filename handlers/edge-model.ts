// Block 4xxx: device models and rules of field boxes.
import type { BoxMapping, NamedReading } from "../ports/box-models.ts";
import type { Clock } from "../ports/clock.ts";
import { edgeModelRoutes } from "../protocol/gen/schema.ts";
import { defineModule } from "../server/core/route.ts";
import type { Boxes } from "../services/boxes.ts";
import type { Models } from "../services/models/models.ts";
import { wireReading } from "../services/models/reading-wire.ts";
import { type Rules, ruleChannel } from "../services/models/rules.ts";

export interface EdgeModelServices {
	readonly boxes: Boxes;
	readonly models: Models;
	readonly rules: Rules;
	readonly clock: Clock;
}

export const edgeModelModule = defineModule<EdgeModelServices>("edgeModel", (implement) => [
	implement(edgeModelRoutes.modelList, async (request, _call, { models }) => {
		const { box = "", template = "", cursor = "", limit = 0 } = request;
		const { items, nextCursor } = await models.list(box, template, cursor, limit);
		return { models: items.map(({ id, name, template: of }) => ({ id, name, template: of })), nextCursor };
	}),

	implement(edgeModelRoutes.modelGet, async (request, _call, { models }) => {
		const { id, name, template, properties, measurements, actions } = await models.get(
			request.box ?? "",
			request.modelId ?? "",
		);
		const mapped = { measurements: measurements.map(wireMapping), actions: actions.map(wireMapping) };
		return { model: { id, name, template, properties: { ...properties }, ...mapped } };
	}),

	implement(edgeModelRoutes.modelValues, async (request, _call, { models, clock }) => {
		const { measurements, actions } = await models.values(request.box ?? "", request.modelId ?? "");
		return {
			measurements: measurements.map(wireNamed),
			actions: actions.map(wireNamed),
			serverTsMs: clock.now(),
		};
	}),

	implement(edgeModelRoutes.ruleList, async (request, _call, { rules }) => {
		const { box = "", onlyActive = false, cursor = "", limit = 0 } = request;
		const { items, nextCursor } = await rules.list(box, onlyActive, cursor, limit);
		return { rules: items.map(({ id, name, isActive, priority }) => ({ id, name, isActive, priority })), nextCursor };
	}),

	implement(edgeModelRoutes.ruleGet, async (request, _call, { rules }) => {
		const { id, name, isActive, priority, definitionJson } = await rules.get(request.box ?? "", request.ruleId ?? "");
		return { rule: { id, name, isActive, priority }, definitionJson };
	}),

	implement(edgeModelRoutes.ruleState, async (request, call, { boxes, rules }) => {
		const { box = "", ruleId = "", follow = false, stop = false } = request;
		const channel = ruleChannel(boxes.box(box).name);
		const state = ruleId === "" ? undefined : await rules.state(box, ruleId);
		const told = { ...(state && { state: { ...state.state }, executions: [...state.executions] }) };
		if (stop) call.peer.unfollow(channel);
		if (!follow || stop) return told;
		const { offset, epoch } = await call.peer.follow(channel);
		return { ...told, channel, offset, epoch };
	}),
]);

function wireMapping({ name, channel, pointId, type }: BoxMapping) {
	return { name, channel, pointId, dataType: type };
}

function wireNamed({ name, reading }: NamedReading) {
	return { name, value: wireReading(reading) };
}
