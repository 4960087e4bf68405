/**
 * @file Which GPUs have too few registers for 64 sums in a thread: those spill to memory there, or leave room for too few
 * threads to hide how long memory takes. WebGPU does not report registers, so the vendor decides. By `npm run bench:isa`, whose
 * compiler has 256 to give away, a tile of 8×8 results per thread takes 108 to 128, one of 8×4 60 to 84, one of 4×4 48 to 84.
 *
 * Vendors and architectures are named as `GPUAdapterInfo` does in Chrome and Dawn (`src/dawn/gpu_info.json`); where a runtime
 * leaves them out or gives numbers, the adapter's name tells. What is not in the table keeps 64 sums: Apple, NVIDIA and AMD
 * have registers enough, of Intel from Xe on nothing is known to the contrary. `tune` overrules all of it by measuring.
 */

/** What an adapter is known by. */
export interface AdapterNames {
  readonly vendor: string;
  readonly architecture: string;
  /** The adapter's name, for humans. */
  readonly name: string;
}

/** GPUs with few registers. */
interface Family {
  readonly vendor: string;
  /** All of the vendor's where it is missing. */
  readonly architecture?: RegExp;
  /** What they are called, where the vendor is not told. */
  readonly name?: RegExp;
  /** How many sums a thread can keep. */
  readonly sums: 16 | 32;
}

const FAMILIES: readonly Family[] = [
  // A thread has 64 registers of 32 bits, and with more than 32 only half as many threads run.
  // Arm, Mali GPU OpenCL Developer Guide (101574), "Avoid excessive register usage".
  { vendor: 'arm', name: /\b(mali|immortalis)\b/i, sums: 16 },
  // Waves share one register file: the more registers a thread takes, the fewer waves run, and beyond its share it spills.
  // Qualcomm, Snapdragon Mobile Platform OpenCL General Programming and Optimization (80-NB295-11). llama.cpp gave up its
  // largest matmul tile there (pull request 24877).
  { vendor: 'qualcomm', name: /\badreno\b/i, sums: 32 },
  // RDNA by its registers, but the driver spills: 576 bytes of scratch at 132 registers, seen on an Xclipse 940 (llama.cpp,
  // pull request 28531).
  { vendor: 'samsung', name: /\bxclipse\b/i, sums: 32 },
  // The threads of a shading cluster share one store of registers; beyond it they spill. Imagination, PowerVR Performance
  // Recommendations, "Optimising Register Pressure on PowerVR".
  { vendor: 'img-tec', name: /\bpowervr\b/i, sums: 32 },
  // A hardware thread has 128 registers of 32 bytes, for 16 lanes 64 each: 64 sums leave 8 lanes, half the width. Intel,
  // Programmer's Reference Manual of Gen9, "General Register File".
  { vendor: 'intel', architecture: /^gen-(7|8|9|11)$/, sums: 32 },
];

/** How many sums a thread of the adapter can keep in registers. */
export function sumsPerThread({ vendor, architecture, name }: AdapterNames): 16 | 32 | 64 {
  const found = FAMILIES.find((family) =>
    vendor === family.vendor
      ? (family.architecture?.test(architecture) ?? true)
      : (family.name?.test(name) ?? false),
  );
  return found?.sums ?? 64;
}
