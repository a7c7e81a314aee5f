// The programs that tests start, and the Debian packages that they are in. `npm test` installs those that are missing before it
// starts any test (scripts/test-programs.ts); nothing is installed while tests run.
import { existsSync, readdirSync } from "node:fs";

export interface Program {
	/** Debian's name. */
	readonly debianPackage: string;
	/** Absolute paths, best first. */
	readonly paths: () => readonly string[];
}

const POSTGRES_VERSIONS = "/usr/lib/postgresql";

/** Debian has several versions beside each other: the newest first. */
function postgres(): readonly string[] {
	const versions = existsSync(POSTGRES_VERSIONS) ? readdirSync(POSTGRES_VERSIONS) : [];
	const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
	return [...newestFirst.map((version) => `${POSTGRES_VERSIONS}/${version}/bin/postgres`), "/usr/local/bin/postgres"];
}

/** The module of Debian's Python by which environments get pip, below the directory of its version. */
function ensurepip(): readonly string[] {
	const versions = readdirSync("/usr/lib").filter((name) => /^python3\.\d+$/.test(name));
	return versions.map((version) => `/usr/lib/${version}/ensurepip`);
}

const inBin = (name: string) => () => [`/usr/bin/${name}`, `/usr/local/bin/${name}`];
const inSbin = (name: string) => () => [`/usr/sbin/${name}`, `/usr/bin/${name}`, `/usr/local/bin/${name}`];

export const PROGRAMS = {
	chromium: { debianPackage: "chromium", paths: inBin("chromium") },
	etcd: { debianPackage: "etcd-server", paths: inBin("etcd") },
	gcc: { debianPackage: "g++", paths: inBin("gcc") },
	git: { debianPackage: "git", paths: () => [...inBin("git")(), "/opt/homebrew/bin/git"] },
	haproxy: { debianPackage: "haproxy", paths: inSbin("haproxy") },
	make: { debianPackage: "make", paths: inBin("make") },
	mariadbd: { debianPackage: "mariadb-server", paths: inSbin("mariadbd") },
	java: { debianPackage: "default-jdk-headless", paths: inBin("java") },
	"mariadb-install-db": { debianPackage: "mariadb-server", paths: inBin("mariadb-install-db") },
	mosquitto: { debianPackage: "mosquitto", paths: inSbin("mosquitto") },
	mvn: { debianPackage: "maven", paths: inBin("mvn") },
	nginx: { debianPackage: "nginx-light", paths: inSbin("nginx") },
	openssl: { debianPackage: "openssl", paths: inBin("openssl") },
	pgbouncer: { debianPackage: "pgbouncer", paths: inSbin("pgbouncer") },
	postgres: { debianPackage: "postgresql", paths: postgres },
	prometheus: { debianPackage: "prometheus", paths: inBin("prometheus") },
	promtool: { debianPackage: "prometheus", paths: inBin("promtool") },
	protoc: { debianPackage: "protobuf-compiler", paths: inBin("protoc") },
	"protobuf headers": {
		debianPackage: "libprotobuf-dev",
		paths: () => ["/usr/include/google/protobuf/descriptor.proto"],
	},
	python3: { debianPackage: "python3", paths: inBin("python3") },
	"python3 ensurepip": { debianPackage: "python3-venv", paths: ensurepip },
	"python3 protobuf": {
		debianPackage: "python3-protobuf",
		paths: () => ["/usr/lib/python3/dist-packages/google/protobuf"],
	},
	"python3 requests": {
		debianPackage: "python3-requests",
		paths: () => ["/usr/lib/python3/dist-packages/requests"],
	},
	"python3 websockets": {
		debianPackage: "python3-websockets",
		paths: () => ["/usr/lib/python3/dist-packages/websockets"],
	},
	"redis-cli": { debianPackage: "redis-tools", paths: inBin("redis-cli") },
	"redis-server": { debianPackage: "redis-server", paths: inBin("redis-server") },
	shellcheck: { debianPackage: "shellcheck", paths: inBin("shellcheck") },
	"systemd-analyze": { debianPackage: "systemd", paths: inBin("systemd-analyze") },
	unshare: { debianPackage: "util-linux", paths: inBin("unshare") },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;

/** Where it is; undefined when it is not installed. */
export function pathOf({ paths }: Program): string | undefined {
	return paths().find((path) => existsSync(path));
}

/**
 * The path of a program.
 *
 * @throws Error in one line that says what to install.
 */
export function findProgram(name: ProgramName): string {
	const path = pathOf(PROGRAMS[name]);
	if (path !== undefined) return path;
	const { debianPackage } = PROGRAMS[name];
	throw new Error(
		`${name} is missing: install ${debianPackage} (Debian's name); npm test does so itself, as root on Debian`,
	);
}
