// Real members of etcd for tests, and the JSON interface of its own gateway, so that what tests read and write there goes through no
// code of ours.
import path from "node:path";
import type { Certificates } from "./certificates.ts";
import { findProgram } from "./programs.ts";
import { accepts, dataDirectory, freePort, launch, ownedCopy, type RealServer } from "./real-server.ts";
import { until } from "./until.ts";

export interface EtcdCluster {
	/** `127.0.0.1:port` of each member. */
	readonly endpoints: readonly string[];
	/** Ends a member as a crash does; its data stays. */
	kill(index: number): Promise<void>;
	/** Starts one again, with its data or, alone and `empty`, without. */
	start(index: number, empty?: boolean): Promise<void>;
	/** The member that leads. */
	leader(): Promise<number>;
	readonly json: EtcdJson;
	stop(): Promise<void>;
}

interface Member {
	readonly name: string;
	readonly port: number;
	readonly peerPort: number;
	directory: string;
	server: RealServer | undefined;
}

export interface EtcdOptions {
	/** 1 or 3. */
	readonly members?: number;
	/** Clients have to come by TLS. */
	readonly tls?: Certificates;
}

export async function startEtcd({ members: size = 1, tls }: EtcdOptions = {}): Promise<EtcdCluster> {
	const members: Member[] = [];
	for (let index = 0; index < size; index++) {
		const [port, peerPort] = [await freePort(), await freePort()];
		members.push({ name: `m${index}`, port, peerPort, directory: dataDirectory("etcd"), server: undefined });
	}
	const start = async (index: number) => {
		const member = members[index] as Member;
		member.server = await launchMember(member, members, tls);
	};
	const kill = async (index: number) => {
		const member = members[index] as Member;
		await member.server?.stop();
		member.server = undefined;
	};
	// A cluster of three answers when two are there.
	await Promise.all(members.map((_, index) => start(index)));
	const json = new EtcdJson(() => {
		const up = members.filter(({ server }) => server !== undefined);
		return `http://127.0.0.1:${up[0]?.port ?? 1}`;
	});
	return {
		endpoints: members.map(({ port }) => `127.0.0.1:${port}`),
		kill,
		start: async (index, empty = false) => {
			if (empty) (members[index] as Member).directory = dataDirectory("etcd");
			await start(index);
		},
		leader: async () => {
			for (const [index, { port, server }] of members.entries()) {
				if (server === undefined) continue;
				const { leader, header } = await json.post<{ leader: string; header: { member_id: string } }>(
					"maintenance/status",
					{},
					`http://127.0.0.1:${port}`,
				);
				if (leader === header.member_id) return index;
			}
			throw new Error("no member leads");
		},
		json,
		stop: async () => {
			await Promise.all(members.map((_, index) => kill(index)));
		},
	};
}

function launchMember(member: Member, members: readonly Member[], tls: Certificates | undefined): Promise<RealServer> {
	const { name, port, peerPort, directory } = member;
	const scheme = tls === undefined ? "http" : "https";
	const client = `${scheme}://127.0.0.1:${port}`;
	const peer = `http://127.0.0.1:${peerPort}`;
	const files = tls === undefined ? [] : tlsArguments(tls, directory);
	return launch({
		name: "etcd",
		command: findProgram("etcd"),
		args: [
			...["--name", name, "--data-dir", path.join(directory, "data"), "--logger", "zap"],
			...["--listen-client-urls", client, "--advertise-client-urls", client],
			...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
			...["--initial-cluster", members.map((one) => `${one.name}=http://127.0.0.1:${one.peerPort}`).join(",")],
			...files,
		],
		directory,
		port,
		url: client,
		removeData: false,
		ready: async () => {
			if (tls !== undefined) return await accepts(port);
			const response = await fetch(`${client}/health`);
			const { health } = (await response.json()) as { health?: string };
			// Of three, the first one that starts has no leader yet.
			if (members.length === 1 && health !== "true") throw new Error(`not healthy: ${health}`);
		},
	});
}

function tlsArguments({ certFile, keyFile, caFile }: Certificates, directory: string): string[] {
	const [cert, key, ca] = [certFile, keyFile, caFile].map((file) => ownedCopy(file, directory)) as [
		string,
		string,
		string,
	];
	return ["--cert-file", cert, "--key-file", key, "--trusted-ca-file", ca, "--client-cert-auth=false"];
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const plain = (text: string): string => Buffer.from(text, "base64").toString();

/** The JSON interface (etcd.io, "gRPC gateway"): keys and values in base64, 64-bit numbers as texts. */
export class EtcdJson {
	private readonly url: () => string;

	constructor(url: () => string) {
		this.url = url;
	}

	async post<Reply = object>(method: string, body: object, url = this.url()): Promise<Reply> {
		const response = await fetch(`${url}/v3/${method}`, { method: "POST", body: JSON.stringify(body) });
		if (!response.ok) throw new Error(`${method}: ${response.status} ${await response.text()}`);
		return (await response.json()) as Reply;
	}

	async put(key: string, value: string): Promise<void> {
		await this.post("kv/put", { key: base64(key), value: base64(value) });
	}

	async delete(key: string): Promise<void> {
		await this.post("kv/deleterange", { key: base64(key) });
	}

	/** Everything below a prefix: key → value. */
	async list(prefix: string): Promise<Map<string, string>> {
		const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
		const body = { key: base64(prefix), range_end: base64(end) };
		const { kvs = [] } = await this.post<{ kvs?: { key: string; value?: string }[] }>("kv/range", body);
		return new Map(kvs.map(({ key, value = "" }) => [plain(key), plain(value)]));
	}

	async revision(): Promise<number> {
		const { header } = await this.post<{ header: { revision: string } }>("kv/range", { key: base64("x") });
		return Number(header.revision);
	}

	async compact(revision: number): Promise<void> {
		await this.post("kv/compaction", { revision: `${revision}`, physical: true });
	}

	/** Users with a password, and a role over a prefix. */
	async enableAuth(users: readonly { name: string; password: string }[], prefix: string): Promise<void> {
		const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
		await this.post("auth/user/add", { name: "root", password: "root-password" });
		await this.post("auth/role/add", { name: "root" });
		await this.post("auth/user/grant", { user: "root", role: "root" });
		await this.post("auth/role/add", { name: "gateway" });
		const perm = { permType: "READWRITE", key: base64(prefix), range_end: base64(end) };
		await this.post("auth/role/grant", { name: "gateway", perm });
		for (const { name, password } of users) {
			await this.post("auth/user/add", { name, password });
			await this.post("auth/user/grant", { user: name, role: "gateway" });
		}
		await this.post("auth/enable", {});
	}
}

/** Until the cluster answers writes. */
export function untilEtcdWrites(cluster: EtcdCluster): Promise<void> {
	return until(async () => {
		await cluster.json.put("warm", "up");
		return true;
	});
}
