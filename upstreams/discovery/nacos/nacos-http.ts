// Requests to the HTTP interface of Nacos: to one server, and to the next when that one does not answer; with a token where there is
// a user.
import { systemClock } from "../../../common/clock.ts";
import { callHttp, type HttpAnswer } from "../http-connection.ts";
import { authorityOf, type ServerAddress, ServerRotation } from "../server-address.ts";
import type { NacosOptions } from "./nacos-instance.ts";
import { NacosLogin, readToken } from "./nacos-login.ts";

export interface NacosCall {
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	/** Behind the context path: `/v1/ns/instance`. */
	readonly path: string;
	readonly form: Readonly<Record<string, string>>;
}

/** Where the versions differ. */
export interface NacosHttpVersion {
	readonly loginPath: string;
	/** In the form, as clients of 1.x send it, or in a header. */
	readonly tokenIn: "form" | "header";
}

export const HTTP_V1: NacosHttpVersion = { loginPath: "/v1/auth/login", tokenIn: "form" };
export const HTTP_V3: NacosHttpVersion = { loginPath: "/v3/auth/user/login", tokenIn: "header" };

const FORBIDDEN = new Set([401, 403]);
/** Of an answer in an error. */
const SHOWN_CHARACTERS = 200;

export class NacosHttp {
	private readonly options: NacosOptions;
	private readonly version: NacosHttpVersion;
	private readonly rotation: ServerRotation<ServerAddress>;
	private readonly login: NacosLogin;

	constructor(options: NacosOptions, version: NacosHttpVersion) {
		this.options = options;
		this.version = version;
		this.rotation = new ServerRotation(options.servers);
		const ask = async () => readToken(contentOf(await this.send(this.loginCall(), {})));
		this.login = new NacosLogin({ username: options.username, ask, clock: systemClock });
	}

	/** @returns the content of an answer with status 200. @throws Error for others, with the status and what the server said. */
	async call(call: NacosCall): Promise<string> {
		const answer = await this.withToken(call);
		if (!FORBIDDEN.has(answer.status) || this.options.username === undefined) return contentOf(answer);
		this.login.forget();
		return contentOf(await this.withToken(call));
	}

	/** @returns undefined without a user. @throws Error when Nacos gives none. */
	token(): Promise<string | undefined> {
		return this.login.token();
	}

	/** The token was refused elsewhere. */
	forgetToken(): void {
		this.login.forget();
	}

	private async withToken(call: NacosCall): Promise<HttpAnswer> {
		const token = await this.login.token();
		if (token === undefined) return await this.send(call, {});
		if (this.version.tokenIn === "header") return await this.send(call, { accesstoken: token });
		return await this.send({ ...call, form: { ...call.form, accessToken: token } }, {});
	}

	/** Asks each server once, until one answers. Errors of the server itself (5xx) count as none. */
	private async send(
		{ method, path, form }: NacosCall,
		headers: Readonly<Record<string, string>>,
	): Promise<HttpAnswer> {
		const { contextPath, timeoutMs, tls } = this.options;
		for (let left = this.rotation.servers.length; ; ) {
			const server = this.rotation.current;
			try {
				const answer = await callHttp(server, tls, { method, path: `${contextPath}${path}`, headers, form, timeoutMs });
				if (answer.status < 500 || left === 1) return answer;
				this.rotation.passOn(server);
				left--;
			} catch (error) {
				this.rotation.passOn(server);
				if (--left === 0) throw new Error(`${authorityOf(server)}: ${(error as Error).message}`, { cause: error });
			}
		}
	}

	private loginCall(): NacosCall {
		const { username = "", password = "" } = this.options;
		return { method: "POST", path: this.version.loginPath, form: { username, password } };
	}
}

function contentOf({ status, text }: HttpAnswer): string {
	if (status === 200) return text;
	throw new NacosHttpError(status, text);
}

/** An answer of Nacos that is no success. */
export class NacosHttpError extends Error {
	readonly status: number;
	readonly content: string;

	constructor(status: number, content: string) {
		super(`Nacos answered ${status}: ${content.slice(0, SHOWN_CHARACTERS)}`);
		this.name = "NacosHttpError";
		this.status = status;
		this.content = content;
	}
}
