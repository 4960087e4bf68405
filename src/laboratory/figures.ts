/**
 * @file What is measured of an adapter: how right and how fast fovea is on it.
 */

import type { DeviceInfo } from '../device/info.ts';
import type { KernelTime } from '../device/profiler.ts';
import type { Pass } from '../kernels/conv2d/passes.ts';
import type { ResNetLayers } from '../nn/resnet.ts';
import type { Certificate } from '../verify/certificate.ts';

/** What {@link AdapterFigures} are called in a file, and which edition of them it holds. */
export const FIGURES_FORMAT = 'fovea adapter figures 1';

/** The parts, in the order in which they are measured. */
export const FIGURE_PARTS = ['certificate', 'gradients', 'convolutions', 'steps', 'tuning'] as const;

/** A part of {@link AdapterFigures}. */
export type FigurePart = (typeof FIGURE_PARTS)[number];

/** Something that fovea chose by what an adapter is. */
export interface AdapterChoice {
  /** What there was to choose. */
  readonly what: string;
  /** What it chose. */
  readonly chosen: string;
  /** Why. */
  readonly why: string;
}

/** What `gradCheck` found of an op. */
export interface GradientFigure {
  /** The op's name. */
  readonly op: string;
  /** Whether the error is within the tolerance. */
  readonly ok: boolean;
  /** The largest error, as a share of the largest gradient of its input; infinite (null in JSON) where a value is no number. */
  readonly worst: number;
  /** Elements that were compared. */
  readonly compared: number;
  /** Elements that were left out because they lie at a kink. */
  readonly kinks: number;
  /** Where the largest error is, in words. */
  readonly about: string;
}

/** The gradients of all ops. */
export interface GradientFigures {
  /** How large an error may be. */
  readonly tolerance: number;
  /** Of each op that has a gradient. */
  readonly ops: readonly GradientFigure[];
}

/** One pass of one convolution. */
export interface ConvolutionFigure {
  /** Which convolution of ResNet-50, such as `c2_3x3`. */
  readonly name: string;
  /** Such as `1×64×56×56 → 64, 3×3, stride 1`. */
  readonly geometry: string;
  /** Which pass. */
  readonly pass: Pass;
  /** The algorithm that the heuristics chose. */
  readonly algorithm: string;
  /** Median time of a run. */
  readonly milliseconds: number;
  /** Floating-point operations a second by the convolution's definition, in 10⁹, a multiply-add counting as two. */
  readonly gigaflops: number;
}

/** The convolutions of ResNet-50 at 224 × 224, one by one. */
export interface ConvolutionFigures {
  /** How they were timed: by `timestamps` of the device, or by the `clock`. */
  readonly timedBy: 'timestamps' | 'clock';
  /** Floating-point operations a second of a kernel that loads nothing, in 10⁹: what nothing can exceed but Winograd's algorithm. */
  readonly ceiling: number;
  /** Each pass of each. */
  readonly passes: readonly ConvolutionFigure[];
}

/** Training steps of one size. */
export interface StepFigures {
  /** Layers of the ResNet. */
  readonly layers: ResNetLayers;
  /** Side of the images in pixels. */
  readonly size: number;
  /** Images a step. */
  readonly batch: number;
  /** What compiling took. */
  readonly compile: number;
  /** Median time of a step by the clock. */
  readonly milliseconds: number;
  /** What a step's JavaScript took of it, median too. */
  readonly javascript: number;
  /** Dispatches of a step. */
  readonly dispatches: number;
  /** Submits of a step. */
  readonly submits: number;
  /** Bytes of device memory in use at most. */
  readonly peakBytes: number;
  /** One step's time by kernel, the longest first; empty where the adapter has no timestamps. */
  readonly kernels: readonly KernelTime[];
}

/** A pass that `tune` decided. */
export interface TuningFigure {
  /** Such as `4×64×16×16 → 64, 3×3, stride 1`. */
  readonly geometry: string;
  /** Which pass. */
  readonly pass: Pass;
  /** What the heuristics take, and what the tuned device takes. */
  readonly heuristic: string;
  /** What the tuned device takes. */
  readonly chosen: string;
  /** Median time by the heuristics' choice, in milliseconds. */
  readonly before: number;
  /** Median time by what is chosen. */
  readonly after: number;
}

/** What `tune` gained. */
export interface TuningFigures {
  /** Side of the images that it was done for, in pixels. */
  readonly size: number;
  /** Images a step. */
  readonly batch: number;
  /** How long it took. */
  readonly seconds: number;
  /** Passes that a step has, of different geometry. */
  readonly total: number;
  /** Those that were decided in the time. */
  readonly passes: readonly TuningFigure[];
  /** Median time of a step before, in milliseconds. */
  readonly before: number;
  /** Median time of a step after. */
  readonly after: number;
}

/** How right and how fast fovea is on an adapter. */
export interface AdapterFigures {
  /** What this is called in a file, and which edition it is of; always the same. */
  readonly format: typeof FIGURES_FORMAT;
  /** The version of fovea. */
  readonly fovea: string;
  /** Such as `Node.js 22.11.0`, or what a browser calls itself. */
  readonly runtime: string;
  /** What the adapter does not tell: the card, its driver, the processor; may be empty. */
  readonly machine: string;
  /** When it began, in ISO 8601. */
  readonly date: string;
  /** How long it took. */
  readonly seconds: number;
  /** Whether only a little was measured, to see that it works: such figures are not to be compared. */
  readonly quick: boolean;
  /** Whether it was stopped before all was measured. */
  readonly stopped: boolean;
  /** Parts that could not be measured, and why. */
  readonly failed: readonly {
    /** Which part. */
    readonly part: FigurePart;
    /** Why. */
    readonly message: string;
  }[];
  /** The adapter. */
  readonly adapter: DeviceInfo;
  /** What fovea chose by it. */
  readonly choices: readonly AdapterChoice[];
  /** What `verify` found. */
  readonly certificate?: Certificate;
  /** What `gradCheck` found of the ops. */
  readonly gradients?: GradientFigures;
  /** How fast convolutions are. */
  readonly convolutions?: ConvolutionFigures;
  /** How fast training is. */
  readonly steps?: readonly StepFigures[];
  /** What `tune` gained. */
  readonly tuning?: TuningFigures;
}
