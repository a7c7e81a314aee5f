// Device models of the boxes.
import type { BoxModel, BoxModelValues } from "../../ports/box-models.ts";
import type { PageFill } from "../../ports/page-fill.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { Boxes } from "../boxes.ts";
import { MAX_LISTED, page } from "./pages.ts";

const DEFAULT_LIMIT = 100;

export class Models {
	private readonly boxes: Boxes;

	constructor(boxes: Boxes) {
		this.boxes = boxes;
	}

	/**
	 * @param template - "": all.
	 * @param limit - 0: 100.
	 * @throws GatewayError NOT_FOUND naming the box, VALIDATION_FAILED naming the cursor, UNAVAILABLE.
	 */
	async list(boxName: string, template: string, cursor: string, limit: number, fill?: PageFill<BoxModel>) {
		const box = this.boxes.box(boxName);
		const ids = await box.models.ids(template, MAX_LISTED);
		const list = `models:${box.name}:${template}`;
		return await page(list, [...ids].sort(), cursor, limit || DEFAULT_LIMIT, (shown) => box.models.get(shown), fill);
	}

	/** @throws GatewayError NOT_FOUND naming the box or the model, UNAVAILABLE. */
	async get(boxName: string, modelId: string): Promise<BoxModel> {
		const [model] = await this.boxes.box(boxName).models.get([modelId]);
		if (model !== undefined) return model;
		const violations = [{ field: "model_id", description: "no such model" }];
		throw new GatewayError(ErrorCode.NOT_FOUND, "model_id: no such model", { violations });
	}

	/** @throws GatewayError NOT_FOUND naming the box or the model, UNAVAILABLE. */
	async values(boxName: string, modelId: string): Promise<BoxModelValues> {
		return await this.boxes.box(boxName).models.values(await this.get(boxName, modelId));
	}
}
