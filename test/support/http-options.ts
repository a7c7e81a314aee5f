// What a transport of a test does with plain HTTP.
import type { HttpExchangeLimits } from "../../core/http-exchange.ts";
import type { HttpHandler, HttpService } from "../../core/transport.ts";
import { errorReply } from "../../server/http/replies.ts";

/** No rates, and heads as large as in the product. */
export const unlimitedHttp: HttpExchangeLimits = {
	maxHeaderBytes: 16_384,
	takeRequest: () => 0,
	keepsConnections: true,
	maxGatheredBytes: 16_777_216,
};

export function httpService(handle: HttpHandler, maxBodyBytes: number): HttpService {
	return { handle, reject: errorReply, maxBodyBytes: () => maxBodyBytes };
}
