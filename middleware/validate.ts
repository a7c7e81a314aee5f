// Holds the decoded request against the field rules of its .proto file. Routes whose request has no rules skip it.

import type { Middleware } from "../core/pipeline.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import { compileValidator } from "../protocol/validation.ts";

export function validate(): Middleware {
	return function validateRoute(route, next) {
		const { request } = route;
		const validator = request.validate ?? compileValidator(request);
		if (validator === undefined) return next;
		return function validated(call) {
			const violations = validator(call.request as object);
			if (violations === undefined) return next(call);
			const fields = violations.map(({ field, description }) => `${field} ${description}`).join("; ");
			throw new GatewayError(ErrorCode.VALIDATION_FAILED, fields, { violations });
		};
	};
}
