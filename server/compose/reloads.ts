// What an administrator asks one process for, carried out by all: reloads of modules and of the configuration, changes of routes.
import { randomUUID } from "node:crypto";
import type { Logger } from "../../common/logger.ts";
import type { NodeBus, NodeEvent } from "../../messaging/node-bus.ts";
import type { ReloadRequest } from "../../services/modules/module-host.ts";
import type { ClusterReport } from "../../services/modules/reload-rounds.ts";
import type { RouteOverrides } from "../../services/routes/route-overrides.ts";
import type { ConfigReload } from "../config/reload.ts";
import type { Modules } from "./modules.ts";

export interface ReloadParts {
	readonly bus: Pick<NodeBus, "publish">;
	readonly modules: Modules;
	readonly overrides: Pick<RouteOverrides, "refresh">;
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

	/** @throws as `Modules.reload`. */
	reloadModules(request: ReloadRequest): Promise<ClusterReport> {
		return this.parts.modules.reload(request);
	}

	/** Has the other processes look at what is to be agreed on. */
	announceModules(): void {
		this.announce("modules");
	}

	/** Has the other processes read the changes of routes again. */
	announceRoutes(): void {
		this.announce("routes");
	}

	/** @returns what became of it here; the other processes log it. */
	reloadConfiguration(): ConfigReload {
		this.announce("configuration");
		return this.parts.reloadConfig?.() ?? NOTHING;
	}

	/** Handles what another process was asked for. */
	onNodeEvent(event: NodeEvent): void {
		if (event.type !== "reload-requested" || event.origin === this.origin) return;
		const { modules, overrides, reloadConfig } = this.parts;
		if (event.what === "configuration") reloadConfig?.();
		else if (event.what === "routes") void overrides.refresh();
		else modules.onAnnounced();
	}

	private announce(what: "modules" | "configuration" | "routes"): void {
		const event = { type: "reload-requested", what, acceptContractChanges: false, origin: this.origin } as const;
		this.parts.bus.publish(event).catch((error: unknown) => {
			this.parts.logger.warn({ err: error }, `other processes were not asked to reload ${what}`);
		});
	}
}
