// One frame in full: its bytes beside its decoded fields. Pointing at a field marks its bytes, and the reverse.
import { useMemo, useState } from "preact/hooks";
import { hexByte } from "../protocol/bytes.ts";
import { DecodeError, type FieldNode } from "../protocol/decode.ts";
import { frameNodes, parseJson } from "../protocol/frames.ts";
import type { FrameEntry } from "../state/app.ts";
import { useText } from "./context.tsx";

/** Bytes that are shown of a frame. */
const MAX_SHOWN = 1024;
const ROW = 16;

interface Marked {
	readonly start: number;
	readonly end: number;
}

export function FrameDetail({ frame }: { readonly frame: FrameEntry }) {
	const t = useText();
	const [marked, setMarked] = useState<Marked | undefined>(undefined);
	const { data, direction } = frame;
	const bytes = useMemo(() => (typeof data === "string" ? new TextEncoder().encode(data) : data), [data]);
	const nodes = useMemo(() => (typeof data === "string" ? undefined : nodesOf(data, direction)), [data, direction]);
	return (
		<div class="frame-detail">
			<div>
				{bytes.length > MAX_SHOWN ? <p class="hint">{t("bytesTruncated")}</p> : null}
				<HexView bytes={bytes.subarray(0, MAX_SHOWN)} marked={marked} nodes={nodes ?? []} onMark={setMarked} />
			</div>
			{typeof data === "string" ? (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to be reached by the keyboard.
				<pre class="block" tabIndex={0}>
					{pretty(data)}
				</pre>
			) : nodes === undefined ? (
				<p>{t("noEnvelope")}</p>
			) : (
				<ul class="tree" aria-label={t("fields")}>
					{nodes.map((node) => (
						<TreeNode key={node.start} node={node} marked={marked} onMark={setMarked} />
					))}
				</ul>
			)}
		</div>
	);
}

function nodesOf(bytes: Uint8Array, direction: FrameEntry["direction"]): readonly FieldNode[] | undefined {
	try {
		return frameNodes(bytes, direction);
	} catch (error) {
		if (error instanceof DecodeError) return undefined;
		throw error;
	}
}

function pretty(text: string): string {
	const json = parseJson(text);
	return json === undefined ? text : JSON.stringify(json, undefined, 2);
}

interface HexViewProps {
	readonly bytes: Uint8Array;
	readonly nodes: readonly FieldNode[];
	readonly marked: Marked | undefined;
	readonly onMark: (marked: Marked | undefined) => void;
}

function HexView({ bytes, nodes, marked, onMark }: HexViewProps) {
	const rows = Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, row) => row * ROW);
	const isMarked = (at: number): boolean => marked !== undefined && at >= marked.start && at < marked.end;
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to be reached by the keyboard.
		<div class="hex mono" tabIndex={0} role="img" aria-label={`${bytes.length} bytes`}>
			{rows.map((start) => (
				<div key={start} class="hex-row">
					<span class="hex-offset">{start.toString(16).padStart(4, "0")}</span>
					<span>
						{Array.from(bytes.subarray(start, start + ROW), (byte, index) => (
							// biome-ignore lint/a11y/noStaticElementInteractions: the fields beside it do the same by the keyboard.
							<span
								key={start + index}
								class={isMarked(start + index) ? "byte marked" : "byte"}
								onMouseEnter={() => onMark(innermost(nodes, start + index))}
								onMouseLeave={() => onMark(undefined)}
							>
								{hexByte(byte)}
							</span>
						))}
					</span>
					<span class="hex-text">{Array.from(bytes.subarray(start, start + ROW), printable).join("")}</span>
				</div>
			))}
		</div>
	);
}

const printable = (byte: number): string => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·");

/** The smallest field that a byte belongs to. */
function innermost(nodes: readonly FieldNode[], at: number): FieldNode | undefined {
	const node = nodes.find(({ start, end }) => at >= start && at < end);
	return node && (innermost(node.children ?? [], at) ?? node);
}

interface TreeNodeProps {
	readonly node: FieldNode;
	readonly marked: Marked | undefined;
	readonly onMark: (marked: Marked | undefined) => void;
}

function TreeNode({ node, marked, onMark }: TreeNodeProps) {
	const isMarked = marked !== undefined && marked.start === node.start && marked.end === node.end;
	const { field, label, value, children } = node;
	return (
		<li>
			<button
				type="button"
				class={isMarked ? "leaf marked" : "leaf"}
				onMouseEnter={() => onMark(node)}
				onMouseLeave={() => onMark(undefined)}
				onFocus={() => onMark(node)}
				onBlur={() => onMark(undefined)}
			>
				<span class="leaf-name">{label}</span>
				{value === undefined ? (
					<span class="leaf-type"> {field?.of ?? ""}</span>
				) : (
					<span class="leaf-value"> {typeof value === "string" ? value : JSON.stringify(value)}</span>
				)}
			</button>
			{children === undefined || children.length === 0 ? null : (
				<ul>
					{children.map((child) => (
						<TreeNode key={child.start} node={child} marked={marked} onMark={onMark} />
					))}
				</ul>
			)}
		</li>
	);
}
