// What a request points at: a source of one of the boxes, and a point there that may be written.

import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError } from "../../../protocol/error.ts";
import { type ControlTargetProperties, DataType } from "../../../protocol/gen/schema.ts";
import type { CommandTarget } from "../boxes/box-commands.ts";
import type { Boxes, NamedSource } from "../boxes/boxes.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import { type PointName, pointText } from "./point-text.ts";

export interface Target {
	readonly named: NamedSource;
	readonly command: CommandTarget;
	/** As clients name it. */
	readonly point: PointName;
	/** `pointText` of it. */
	readonly text: string;
	/** One for each point of each box, whatever the client called it. */
	readonly leaseName: string;
}

export class Targets {
	private readonly boxes: Boxes;
	private readonly policy: Pick<EdgePolicy, "isOpen">;
	private readonly allowed: ReadonlySet<string> | undefined;

	constructor(boxes: Boxes, allowed: readonly string[] | undefined, policy: Pick<EdgePolicy, "isOpen">) {
		this.boxes = boxes;
		this.policy = policy;
		this.allowed = allowed && new Set(allowed);
	}

	/** @throws GatewayError NOT_FOUND, VALIDATION_FAILED, PERMISSION_DENIED naming the field. */
	resolve(request: ControlTargetProperties | null | undefined): Target {
		if (!request) throw fieldError("target", "is required");
		const named = this.boxes.source(request.source ?? "", "target.source");
		const { box, source } = named;
		const type = request.dataType ?? DataType.UNSPECIFIED;
		if (!source.writableTypes.includes(type)) {
			throw fieldError("target.data_type", "cannot be written in this source");
		}
		const point = { source: named.name, channel: request.channel ?? 0, type, pointId: request.pointId ?? 0 };
		// The feedback of a command discloses the state of the point.
		if (!this.isAllowed(point) || !this.policy.isOpen(point.channel)) {
			throw fieldError("target", "cannot be written by this gateway", { code: ErrorCode.PERMISSION_DENIED });
		}
		const { family } = source;
		const { channel, pointId } = point;
		return {
			named,
			point,
			text: pointText(point),
			command: { family, channel, type, pointId },
			leaseName: `control:${box.name}:${family}:${channel}:${type}:${pointId}`,
		};
	}

	private isAllowed(point: PointName): boolean {
		const { allowed } = this;
		if (allowed === undefined) return true;
		const text = pointText(point);
		// The point, then without its id, its type, its channel.
		for (let end = text.length, parts = 0; parts < 4; end = text.lastIndexOf(":", end - 1), parts++) {
			if (allowed.has(text.slice(0, end))) return true;
		}
		return false;
	}
}

/** What the audit trail calls the target of a request that may have none, or one that does not exist. */
export function requestedText(boxes: Boxes, request: ControlTargetProperties | null | undefined): string {
	if (!request) return "";
	const { source, channel, dataType, pointId } = request;
	return pointText({
		// Without a source it is the first, under the name that accepted commands have.
		source: source || (boxes.sources[0]?.name ?? ""),
		channel: channel ?? 0,
		type: dataType ?? DataType.UNSPECIFIED,
		pointId: pointId ?? 0,
	});
}
