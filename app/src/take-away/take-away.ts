/**
 * @file The task `takeAway`: what was trained, as a file for another tool.
 */

import { encodeCheckpoint, PREPROCESSINGS, renderModelCard, toOnnx } from 'fovea';
import type { Task } from '../engine/protocol.ts';
import { judgementOf } from '../judge/judge-training.ts';
import { BEST_BY } from '../train/best-model.ts';
import { checkpointOf, modelOf, type Which } from '../train/trained-model.ts';
import type { TrainingSession } from '../train/training-session.ts';
import { illustratedReport, reportOf, roundOf } from './report.ts';

/** What is taken away. */
export type Taken = 'checkpoint' | 'onnx' | 'report' | 'reportWithoutPhotographs' | 'modelCard' | 'metrics';

/** Which file, of which model. */
export interface TakeAwayInput {
  readonly what: Taken;
  readonly which: Which;
}

/** A file. */
export interface TakenFile {
  readonly name: string;
  readonly content: Blob;
}

/** What a file holds. */
type Content = Uint8Array<ArrayBuffer> | string;

/** Makes a file's content. */
type Maker = (session: TrainingSession, which: Which) => Promise<Content>;

/** Each kind of file: its name, what it is by MIME, and what makes it. */
const FILES: Readonly<Record<Taken, { name: string; type: string; make: Maker }>> = {
  checkpoint: { name: 'model.safetensors', type: 'application/octet-stream', make: checkpointFileOf },
  onnx: { name: 'model.onnx', type: 'application/octet-stream', make: onnxOf },
  report: { name: 'report.html', type: 'text/html', make: illustratedReport },
  reportWithoutPhotographs: { name: 'report-without-photographs.html', type: 'text/html', make: reportOf },
  modelCard: { name: 'model-card.md', type: 'text/markdown', make: modelCardOf },
  metrics: { name: 'metrics.json', type: 'application/json', make: metricsOf },
};

/** Makes the file. */
export const run: Task<TakeAwayInput, TakenFile> = async ({ what, which }, { engine }) => {
  const { name, type, make } = FILES[what];
  return { name, content: new Blob([await make(engine.trainingNow(), which)], { type }) };
};

async function checkpointFileOf(session: TrainingSession, which: Which): Promise<Content> {
  return new Uint8Array(encodeCheckpoint(await checkpointOf(session, which)));
}

/** With the preprocessing inside, so that whoever runs it needs to know nothing but the size. */
async function onnxOf(session: TrainingSession, which: Which): Promise<Content> {
  const { size, layers, preprocessing = 'original' } = session.config;
  const { order, normalization } = PREPROCESSINGS[preprocessing];
  const bytes = await toOnnx(await modelOf(session, which), {
    inputShape: [3, size, size],
    preprocessing: { order, normalization },
    metadata: {
      ...{ architecture: `ResNet-${layers}`, classes: JSON.stringify(session.data.classes) },
      ...{ size: `${size}`, preprocessing: 'inside', channelOrder: 'rgb' },
    },
  });
  return new Uint8Array(bytes);
}

/** What `fovea eval --json` writes for the checkpoint; what is not defined is null. */
async function metricsOf(session: TrainingSession, which: Which): Promise<Content> {
  const { evaluation, judgement, figures } = await judgementOf(session, which);
  const { loss, accuracy, weightedAccuracy } = evaluation;
  const all = { checkpoint: FILES.checkpoint.name, loss, accuracy, weightedAccuracy };
  return `${JSON.stringify({ ...all, ...judgement, ...figures }, null, 2)}\n`;
}

async function modelCardOf(session: TrainingSession, which: Which): Promise<Content> {
  const { data, about, device } = session;
  const { judgement } = await judgementOf(session, which);
  const labelsOf = (samples: TrainingSession['data']['training']) => samples.map(({ label }) => label);
  const epoch = roundOf(session, which);
  return renderModelCard({
    ...{ ...about, adapter: device.info.name },
    sets: [
      { name: 'training', labels: labelsOf(data.training) },
      { name: 'validation', labels: labelsOf(data.validation) },
    ],
    ...(epoch && { epoch, judgement }),
    ...(which === 'best' && { bestBy: BEST_BY }),
  });
}
