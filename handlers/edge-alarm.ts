// Block 4xxx: alarms of field boxes.

import { defineModule } from "../core/route.ts";
import { AlarmLevel, AlarmRecord, AlarmStatus, edgeAlarmRoutes } from "../protocol/gen/schema.ts";
import { ReplyPage } from "../protocol/reply-page.ts";
import { alarmChannel, wireAlarm } from "../services/edge/alarms/alarm-wire.ts";
import type { Alarms } from "../services/edge/alarms/alarms.ts";
import type { Boxes } from "../services/edge/boxes/boxes.ts";

export interface EdgeAlarmServices {
	readonly alarms: Alarms;
	readonly boxes: Boxes;
}

export const edgeAlarmModule = defineModule<EdgeAlarmServices>("edgeAlarm", (implement) => [
	implement(edgeAlarmRoutes.alarmList, async (request, call, { alarms }) => {
		const { box, status, level, source, cursor, limit } = request;
		const query = {
			box: box ?? "",
			status: status ?? AlarmStatus.UNSPECIFIED,
			level: level ?? AlarmLevel.UNSPECIFIED,
			source: source ?? "",
			cursor: cursor ?? "",
			limit: limit ?? 0,
		};
		const page = new ReplyPage(call.peer.encoding, AlarmRecord, wireAlarm);
		const { nextCursor, asOfMs } = await alarms.list(query, page);
		return { alarms: page.items, nextCursor, asOfMs };
	}),

	implement(edgeAlarmRoutes.alarmAck, async (request, call, { alarms }) => {
		const { box = "", alarmId = "", comment = "" } = request;
		return { alarm: wireAlarm(await alarms.acknowledge(call.identity(), call.peer.ip, box, alarmId, comment)) };
	}),

	implement(edgeAlarmRoutes.alarmClear, async (request, call, { alarms }) => {
		const { box = "", alarmId = "", comment = "" } = request;
		return { alarm: wireAlarm(await alarms.clear(call.identity(), call.peer.ip, box, alarmId, comment)) };
	}),

	implement(edgeAlarmRoutes.alarmCount, (request, _call, { alarms }) => alarms.count(request.box ?? "")),

	implement(edgeAlarmRoutes.alarmSubscribe, async (request, call, { alarms, boxes }) => {
		const { name } = boxes.box(request.box ?? "");
		const channel = alarmChannel(name);
		if (request.stop) {
			call.peer.unsubscribeChannel(channel);
			return { channel };
		}
		// Subscribed before the alarms are counted: a change in between is published as well.
		const { offset, epoch } = await call.peer.subscribeChannel(channel);
		return { channel, offset, epoch, totals: (await alarms.count(name)).totals };
	}),
]);
