// The routes that this process serves now. The table is replaced as a whole, between two messages, so that no request sees half of a
// change; whatever is made of a table, such as the paths of a style of HTTP calls, is a view of it.
import type { RouteTable } from "./route-table.ts";

/** What depends on the table and keeps something of its own between tables. */
export type TableListener = (table: RouteTable) => void;

export class ServedRoutes {
	/** Read for every message, hence a plain field. Written by `replace` only. */
	table: RouteTable;
	private readonly listeners: readonly TableListener[];
	private readonly views: (() => void)[] = [];

	/** @param listeners - called after each replacement, and not with the first table. */
	constructor(first: RouteTable, listeners: readonly TableListener[] = []) {
		this.table = first;
		this.listeners = listeners;
	}

	/** From the next message on, `next` is served. Calls in flight finish on the route on which they began. */
	replace(next: RouteTable): void {
		this.table = next;
		for (const drop of this.views) drop();
		for (const listener of this.listeners) listener(next);
	}

	/**
	 * Something made of the table: made when it is first needed, and again after a replacement. Nothing of an earlier table is kept.
	 * To be called once for each view, when the process is composed.
	 */
	view<View>(make: (table: RouteTable) => View): () => View {
		let made: { readonly view: View } | undefined;
		this.views.push(() => {
			made = undefined;
		});
		return () => {
			made ??= { view: make(this.table) };
			return made.view;
		};
	}
}
