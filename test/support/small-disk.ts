// A file system of a few megabytes, to be filled: a tmpfs, which root may mount.
import { execFileSync } from "node:child_process";
import { chownSync, closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { dataDirectory } from "./real-server.ts";

export interface SmallDisk {
	readonly directory: string;
	/** Leaves no byte free. */
	fill(): void;
	/** Removes what `fill` has written. */
	empty(): void;
	stop(): Promise<void>;
}

export const mayMount = process.getuid?.() === 0;

/** @param owner - of the directory; the one who runs the test unless given. */
export function smallDisk(bytes: number, owner?: { readonly uid: number; readonly gid: number }): SmallDisk {
	const directory = dataDirectory("disk");
	execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", directory]);
	if (owner !== undefined) chownSync(directory, owner.uid, owner.gid);
	const filler = join(directory, "filler");
	return {
		directory,
		fill() {
			const file = openSync(filler, "a");
			const chunk = Buffer.alloc(65_536, 1);
			try {
				for (;;) {
					const { bavail, bsize } = statfsSync(directory);
					if (bavail === 0) return;
					writeSync(file, chunk, 0, Math.min(chunk.length, bavail * bsize));
				}
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
			} finally {
				closeSync(file);
			}
		},
		empty() {
			rmSync(filler, { force: true });
		},
		async stop() {
			execFileSync("umount", ["-l", directory]);
			rmSync(directory, { recursive: true, force: true });
		},
	};
}
