// A gRPC service of the operator as its files define it: methods, and how their messages look as JSON.
import { readFileSync } from "node:fs";
import { createFileRegistry, type DescMethod, type DescService, fromBinary, type Registry } from "@bufbuild/protobuf";
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
	const file = files.descriptorSet ?? files.proto ?? "";
	try {
		const registry = createFileRegistry(descriptorsOf(files));
		const service = registry.getService(typeName);
		if (service !== undefined) return { service, registry };
	} catch (error) {
		throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
	}
	throw new Error(`${file}: there is no service ${typeName}`);
}

function descriptorsOf({ descriptorSet, proto, includes }: DefinitionFiles): FileDescriptorSet {
	if (descriptorSet !== undefined) return fromBinary(FileDescriptorSetSchema, readFileSync(descriptorSet));
	if (proto !== undefined) return descriptorsOfProto(proto, includes);
	throw new Error("neither descriptorSet nor proto is given");
}

export function pathOf({ parent, name }: DescMethod): string {
	return `/${parent.typeName}/${name}`;
}
