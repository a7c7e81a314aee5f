// Block 4xxx: commands to field devices.

import { defineModule } from "../core/route.ts";
import { edgeControlRoutes } from "../protocol/gen/schema.ts";
import type { Controls } from "../services/edge/control/controls.ts";
import { wireStatus } from "../services/edge/control/wire.ts";

export interface EdgeControlServices {
	readonly controls: Controls;
}

export const edgeControlModule = defineModule<EdgeControlServices>("edgeControl", (implement) => [
	implement(edgeControlRoutes.writePoint, async (request, call, { controls }) => {
		const operator = { identity: call.identity(), peer: call.peer };
		const { id, stage, deadlineMs } = await controls.write(operator, request);
		return { commandId: id, stage, deadlineMs };
	}),

	implement(edgeControlRoutes.selectPoint, async (request, call, { controls }) => {
		const operator = { identity: call.identity(), peer: call.peer };
		const { id, expiresAtMs } = await controls.select(operator, request);
		return { selectId: id, expiresAtMs };
	}),

	implement(edgeControlRoutes.operatePoint, async (request, call, { controls }) => {
		const operator = { identity: call.identity(), peer: call.peer };
		const { id, stage, deadlineMs } = await controls.operate(operator, request);
		return { commandId: id, stage, deadlineMs };
	}),

	implement(edgeControlRoutes.cancelSelect, async (request, call, { controls }) => {
		const operator = { identity: call.identity(), peer: call.peer };
		return { wasSelected: await controls.cancel(operator, request.selectId ?? "") };
	}),

	implement(edgeControlRoutes.commandStatus, async (request, call, { controls }) => {
		const operator = { identity: call.identity(), peer: call.peer };
		return wireStatus(await controls.status(operator, request.commandId ?? ""));
	}),
]);
