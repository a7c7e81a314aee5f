// Reloads that an administrator asks one process for, carried out by all: modules, and the configuration.
import { randomUUID } from "node:crypto";
import type { Logger } from "../../common/logger.ts";
import type { NodeBus, NodeEvent } from "../../messaging/node-bus.ts";
import type { ReloadReport, ReloadRequest } from "../../services/modules/module-host.ts";
import type { ConfigReload } from "../config/reload.ts";
import type { Modules } from "./modules.ts";

export interface ReloadParts {
	readonly bus: Pick<NodeBus, "publish">;
	readonly modules: Modules;
	/** Reads the configuration again; undefined where nothing can: in a program that brought its own. */
	readonly reloadConfig: (() => ConfigReload) | undefined;
	readonly logger: Logger;
}

const NOTHING: ConfigReload = { applied: [], ignored: [], problems: [] };

export class Reloads {
	private readonly parts: ReloadParts;
	/** Events of this process come back to it. */
	private readonly origin = randomUUID();

	constructor(parts: ReloadParts) {
		this.parts = parts;
	}

	/** @returns what became of it here; the other processes log it. @throws as `Modules.reload`. */
	reloadModules(request: ReloadRequest): Promise<ReloadReport> {
		this.announce("modules", request.acceptContractChanges ?? false);
		return this.parts.modules.reload(request);
	}

	/** @returns the same. */
	reloadConfiguration(): ConfigReload {
		this.announce("configuration", false);
		return this.parts.reloadConfig?.() ?? NOTHING;
	}

	/** Handles what another process was asked for. */
	onNodeEvent(event: NodeEvent): void {
		if (event.type !== "reload-requested" || event.origin === this.origin) return;
		const { modules, reloadConfig, logger } = this.parts;
		if (event.what === "configuration") {
			reloadConfig?.();
			return;
		}
		const { acceptContractChanges } = event;
		modules.reload({ origin: "request", acceptContractChanges }).catch((error: unknown) => {
			logger.error({ err: error }, "reloading modules failed");
		});
	}

	private announce(what: "modules" | "configuration", acceptContractChanges: boolean): void {
		const event = { type: "reload-requested", what, acceptContractChanges, origin: this.origin } as const;
		this.parts.bus.publish(event).catch((error: unknown) => {
			this.parts.logger.warn({ err: error }, `other processes were not asked to reload ${what}`);
		});
	}
}
