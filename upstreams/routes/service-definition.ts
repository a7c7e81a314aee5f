// A gRPC service of the operator as its files define it: methods, and how their messages look as JSON.
import { readFileSync } from "node:fs";
import {
	createFileRegistry,
	type DescMessage,
	type DescMethod,
	type DescService,
	fromBinary,
	type Registry,
} from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { descriptorsOfProto } from "./proto-descriptors.ts";

/** Where definitions are. */
export interface DefinitionFiles {
	/** What `protoc --include_imports --descriptor_set_out` or `buf build -o` wrote. */
	readonly descriptorSet?: string | undefined;
	/** A `.proto` file instead. */
	readonly proto?: string | undefined;
	/** Folders of what that imports. */
	readonly includes: readonly string[];
}

export interface ServiceDefinition {
	readonly service: DescService;
	/** For `google.protobuf.Any` in JSON. */
	readonly registry: Registry;
}

/** @throws Error that names the file and what is wrong with it. */
export function loadService(files: DefinitionFiles, typeName: string): ServiceDefinition {
	const registry = registryOf(files);
	const service = registry.getService(typeName);
	if (service !== undefined) return { service, registry };
	throw new Error(`${fileOf(files)}: there is no service ${typeName}`);
}

/** @throws Error that names the file and what is wrong with it. */
export function loadMessage(
	files: DefinitionFiles,
	typeName: string,
): { readonly message: DescMessage; readonly registry: Registry } {
	const registry = registryOf(files);
	const message = registry.getMessage(typeName);
	if (message !== undefined) return { message, registry };
	throw new Error(`${fileOf(files)}: there is no message ${typeName}`);
}

function fileOf({ descriptorSet, proto }: DefinitionFiles): string {
	return descriptorSet ?? proto ?? "";
}

function registryOf(files: DefinitionFiles): Registry {
	try {
		return createFileRegistry(descriptorsOf(files));
	} catch (error) {
		throw new Error(`${fileOf(files)}: ${error instanceof Error ? error.message : String(error)}`);
	}
}

function descriptorsOf({ descriptorSet, proto, includes }: DefinitionFiles): FileDescriptorSet {
	if (descriptorSet !== undefined) return fromBinary(FileDescriptorSetSchema, readFileSync(descriptorSet));
	if (proto !== undefined) return descriptorsOfProto(proto, includes);
	throw new Error("neither descriptorSet nor proto is given");
}

export function pathOf({ parent, name }: DescMethod): string {
	return `/${parent.typeName}/${name}`;
}
