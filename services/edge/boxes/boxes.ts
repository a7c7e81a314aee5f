// The boxes of this gateway by the names that clients use. Built once.

import { ErrorCode } from "../../../protocol/codes.ts";
import { fieldError, type GatewayError } from "../../../protocol/error.ts";
import type { Box, BoxSource } from "./box.ts";

/** A family of points of one box, as clients name it. */
export interface NamedSource {
	/** `comsrv` for the first box, `name:comsrv` for the others. */
	readonly name: string;
	readonly box: Box;
	readonly source: BoxSource;
}

export class Boxes {
	readonly all: readonly Box[];
	readonly sources: readonly NamedSource[];
	private readonly byName: ReadonlyMap<string, Box>;
	private readonly bySource: ReadonlyMap<string, NamedSource>;

	/** @throws Error when two boxes have one name. */
	constructor(boxes: readonly Box[]) {
		this.all = boxes;
		this.byName = new Map(boxes.map((box) => [box.name, box]));
		if (this.byName.size < boxes.length) throw new Error("two boxes have the same name");
		this.sources = boxes.flatMap((box, index) =>
			box.sources.map((source) => ({
				name: index === 0 ? source.family : `${box.name}:${source.family}`,
				box,
				source,
			})),
		);
		this.bySource = new Map(this.sources.map((source) => [source.name, source]));
	}

	/** @param name - "" for the first box. @throws GatewayError NOT_FOUND naming `field`. */
	box(name: string, field = "box"): Box {
		const box = name === "" ? this.all[0] : this.byName.get(name);
		if (box === undefined) throw unknown(field, "no such box");
		return box;
	}

	/** @param name - "" for the first source. @throws GatewayError NOT_FOUND naming `field`. */
	source(name: string, field = "source"): NamedSource {
		const source = name === "" ? this.sources[0] : this.bySource.get(name);
		if (source === undefined) throw unknown(field, "no such source; ListChannels lists the sources");
		return source;
	}
}

function unknown(field: string, description: string): GatewayError {
	return fieldError(field, description, { code: ErrorCode.NOT_FOUND });
}
