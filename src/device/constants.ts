/**
 * @file WebGPU's flags. Node has no global `GPUBufferUsage`, so the numbers of the specification stand here.
 */

/** `GPUBufferUsage` */
export const BufferUsage = {
  MAP_READ: 0x0001,
  COPY_SRC: 0x0004,
  COPY_DST: 0x0008,
  UNIFORM: 0x0040,
  STORAGE: 0x0080,
  QUERY_RESOLVE: 0x0200,
} as const;

/** `GPUTextureUsage` */
export const TextureUsage = { COPY_DST: 0x02, STORAGE_BINDING: 0x08 } as const;

/** `GPUShaderStage` */
export const ShaderStage = { COMPUTE: 0x4 } as const;

/** `GPUMapMode` */
export const MapMode = { READ: 0x1 } as const;
