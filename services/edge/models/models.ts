// Device models of the boxes.

import type { PageFill } from "../../../common/page-fill.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError } from "../../../protocol/error.ts";
import type { BoxModel, BoxModelValues } from "../boxes/box-models.ts";
import type { Boxes } from "../boxes/boxes.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import { MIN_POINTS_PER_KEY } from "../telemetry/options.ts";
import type { PointMeter } from "../telemetry/point-meter.ts";
import { MAX_LISTED, page } from "./pages.ts";

const DEFAULT_LIMIT = 100;

/** What a list shows of a model. */
export type ModelHead = Pick<BoxModel, "id" | "name" | "template">;

export interface ModelServices {
	readonly boxes: Boxes;
	readonly policy: EdgePolicy;
	readonly meter: PointMeter;
}

/** Every method throws GatewayError RATE_LIMITED when the requests of the user have touched too many points. */
export class Models {
	private readonly services: ModelServices;

	constructor(services: ModelServices) {
		this.services = services;
	}

	/**
	 * @param userId - whose request it is.
	 * @param template - "": all.
	 * @param limit - 0: 100.
	 * @throws GatewayError NOT_FOUND naming the box, VALIDATION_FAILED naming the cursor, UNAVAILABLE.
	 */
	async list(
		userId: string,
		boxName: string,
		template: string,
		cursor: string,
		limit: number,
		fill?: PageFill<ModelHead>,
	) {
		const { boxes, policy, meter } = this.services;
		const box = boxes.box(boxName);
		meter.admit(userId);
		const ids = (await box.models.ids(template, MAX_LISTED)).toSorted();
		const list = `models:${box.name}:${template}`;
		const onRead = (bytes: number) => meter.chargeBytes(userId, bytes);
		const get = async (shown: readonly string[]) => await box.models.get(shown, onRead);
		const show = (model: BoxModel) => {
			meter.charge(userId, sizeOf(model));
			const seen = policy.model(model);
			return seen && { id: seen.id, name: seen.name, template: seen.template };
		};
		return await page({ list, ids, cursor, limit: limit || DEFAULT_LIMIT, get, show, fill });
	}

	/** What may be seen of a model. @throws GatewayError NOT_FOUND naming the box or the model, UNAVAILABLE. */
	async get(userId: string, boxName: string, modelId: string): Promise<BoxModel> {
		const { boxes, policy, meter } = this.services;
		const box = boxes.box(boxName);
		meter.admit(userId);
		const [model] = await box.models.get([modelId], (bytes) => meter.chargeBytes(userId, bytes));
		if (model !== undefined) meter.charge(userId, sizeOf(model));
		const seen = model && policy.model(model);
		if (seen !== undefined) return seen;
		throw fieldError("model_id", "is not a model", { code: ErrorCode.NOT_FOUND });
	}

	/** @throws GatewayError NOT_FOUND naming the box or the model, UNAVAILABLE. */
	async values(userId: string, boxName: string, modelId: string): Promise<BoxModelValues> {
		const { boxes, policy, meter } = this.services;
		const seen = await this.get(userId, boxName, modelId);
		// Nothing is read of points that may not be seen.
		const values = await boxes.box(boxName).models.values(seen);
		meter.charge(userId, values.measurements.length + values.actions.length);
		return policy.values(seen, values);
	}
}

function sizeOf({ measurements, actions }: BoxModel): number {
	return Math.max(MIN_POINTS_PER_KEY, measurements.length + actions.length);
}
