// What native packages read from the environment, once, when they are loaded.
import process from "node:process";
import type { Config } from "./config.ts";

/** Heads of requests are received up to this many bytes over the limit, so that the client gets an error that names it. */
export const HEADER_MARGIN_BYTES = 8192;

/**
 * To be called before the gateway is loaded: uWebSockets.js reads there how large the head of a request may be, and refuses a
 * larger one by itself, with 431 in HTML.
 */
export function setNativeEnvironment({ limits }: Config, env: NodeJS.ProcessEnv = process.env): void {
	env["UWS_HTTP_MAX_HEADERS_SIZE"] = `${limits.maxHttpHeaderBytes + HEADER_MARGIN_BYTES}`;
}
