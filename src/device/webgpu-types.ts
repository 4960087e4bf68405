/**
 * @file Names of WebGPU's types that are safe in published declarations.
 *
 * A user's compiler may know WebGPU from `@webgpu/types`, from its own DOM library (TypeScript 6 and later), or
 * not at all; a declaration that names `GPUBuffer` outright fails in the last case.
 */

/** WebGPU's type `Name` where the compiler knows it, else `unknown`. */
export type WebGpu<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : unknown;
