// The part of a probe that goes over HTTP: pages for health, and calls by the Connect protocol.
import type { ProbeRun } from "./probe-run.ts";
import type { ProbeTarget } from "./probe-target.ts";

type JsonObject = Readonly<Record<string, unknown>>;

const SERVICES = "/framegate.v1.";

export async function probeHttp(run: ProbeRun, target: ProbeTarget): Promise<void> {
	const { httpUrl, credentials, channel } = target;
	const get = async (path: string): Promise<JsonObject> => {
		return await answer(await fetch(`${httpUrl}${path}`, { signal: run.signal }));
	};
	const call = async (method: string, body: JsonObject, token = ""): Promise<JsonObject> => {
		const authorization = token === "" ? {} : { authorization: `Bearer ${token}` };
		const headers = { "content-type": "application/json", ...authorization };
		const init = { method: "POST", headers, body: JSON.stringify(body), signal: run.signal };
		return await answer(await fetch(`${httpUrl}${SERVICES}${method}`, init));
	};
	await run.step("http.health", () => get("/health"));
	await run.step("http.ready", () => get("/ready"));
	if (credentials === undefined) return;
	const login = await run.step("http.login", () => call("AuthService/Login", { ...credentials }));
	const { accessToken: token = "" } = (login["tokens"] ?? {}) as { readonly accessToken?: string };
	await run.step("http.heartbeat", () => call("AuthService/Heartbeat", {}, token));
	if (target.hasEdge) {
		await run.step("http.read", () => call("EdgeTelemetryService/ReadNow", { channels: [channel] }, token), points);
		if (target.acknowledges) await acknowledge(run, (method, body) => call(method, body, token));
	} else {
		await run.step("http.read", () => call("ChatService/ListConversations", {}, token));
	}
	await run.step("http.logout", () => call("AuthService/Logout", {}, token));
}

/** The newest active alarm. Where there is none, that is what the list says. */
async function acknowledge(
	run: ProbeRun,
	call: (method: string, body: JsonObject) => Promise<JsonObject>,
): Promise<void> {
	const filter = { status: "ALARM_STATUS_ACTIVE", limit: 1 };
	const list = await run.step("http.alarms", () => call("EdgeAlarmService/AlarmList", filter));
	const [alarm] = (list["alarms"] ?? []) as readonly JsonObject[];
	if (alarm === undefined) return;
	const alarmId = alarm["alarmId"];
	await run.step(
		"http.ack",
		() => call("EdgeAlarmService/AlarmAck", { alarmId }),
		() => ({ alarmId }),
	);
}

function points(reply: JsonObject): JsonObject {
	const updates = (reply["updates"] ?? []) as readonly { readonly points?: readonly unknown[] }[];
	return { points: updates.reduce((sum, { points: some = [] }) => sum + some.length, 0) };
}

/** @throws Error with the status, and the code and message of the error. */
async function answer(response: Response): Promise<JsonObject> {
	const text = await response.text();
	let json: JsonObject = {};
	try {
		json = JSON.parse(text) as JsonObject;
	} catch {
		// A proxy's page says less than its status.
	}
	if (response.ok) return json;
	const what = [json["code"], json["message"] ?? json["error"] ?? json["status"]].filter((part) => part !== undefined);
	throw new Error([`status ${response.status}`, ...what.map(String)].join(": "));
}
