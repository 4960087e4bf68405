/**
 * @file The task `takeAway`: what was trained, as a file for another tool.
 */

import { encodeCheckpoint, PREPROCESSINGS, renderModelCard, renderReport, toOnnx } from 'fovea';
import type { Task } from '../engine/protocol.ts';
import { modelNow } from '../explain/model-now.ts';
import { judgedNow } from '../judge/judge-training.ts';
import type { TrainingSession } from '../train/training-session.ts';

/** What is taken away. */
export type Taken = 'checkpoint' | 'onnx' | 'report' | 'modelCard' | 'metrics';

/** A file. */
export interface TakenFile {
  readonly name: string;
  readonly content: Blob;
}

/** What a file holds. */
type Content = Uint8Array<ArrayBuffer> | string;

/** Each kind of file: its name, what it is by MIME, and what makes it. */
const FILES: Readonly<
  Record<Taken, { name: string; type: string; make: (session: TrainingSession) => Promise<Content> }>
> = {
  checkpoint: { name: 'model.safetensors', type: 'application/octet-stream', make: checkpointOf },
  onnx: { name: 'model.onnx', type: 'application/octet-stream', make: onnxOf },
  report: { name: 'report.html', type: 'text/html', make: reportOf },
  modelCard: { name: 'model-card.md', type: 'text/markdown', make: modelCardOf },
  metrics: { name: 'metrics.json', type: 'application/json', make: metricsOf },
};

/** Makes the file. */
export const run: Task<Taken, TakenFile> = async (what, { engine }) => {
  const { name, type, make } = FILES[what];
  return { name, content: new Blob([await make(engine.trainingNow())], { type }) };
};

async function checkpointNow(session: TrainingSession) {
  if (!session.progress) throw new Error('The training has done no step yet.');
  return session.checkpoint(session.progress);
}

async function checkpointOf(session: TrainingSession): Promise<Content> {
  return new Uint8Array(encodeCheckpoint(await checkpointNow(session)));
}

/** With the preprocessing inside, so that whoever runs it needs to know nothing but the size. */
async function onnxOf(session: TrainingSession): Promise<Content> {
  const { size, layers, preprocessing = 'original' } = session.config;
  const { order, normalization } = PREPROCESSINGS[preprocessing];
  const bytes = await toOnnx(await modelNow(session), {
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
async function metricsOf(session: TrainingSession): Promise<Content> {
  const { evaluation, judgement, figures } = await judgedNow(session);
  const { loss, accuracy, weightedAccuracy } = evaluation;
  const all = { checkpoint: FILES.checkpoint.name, loss, accuracy, weightedAccuracy };
  return `${JSON.stringify({ ...all, ...judgement, ...figures }, null, 2)}\n`;
}

async function modelCardOf(session: TrainingSession): Promise<Content> {
  const { data, config, device, progress } = session;
  const { evaluation } = await judgedNow(session);
  const { settings } = await checkpointNow(session);
  const labelsOf = (samples: TrainingSession['data']['training']) => samples.map(({ label }) => label);
  const epoch = progress?.history.at(-1);
  const isOfThis = epoch !== undefined && epoch.step === progress?.step;
  return renderModelCard({
    ...{ config, settings, adapter: device.info.name },
    sets: [
      { name: 'training', labels: labelsOf(data.training) },
      { name: 'validation', labels: labelsOf(data.validation) },
    ],
    ...(isOfThis && { epoch, predictions: { ...evaluation, epoch: epoch.epoch } }),
  });
}

async function reportOf(session: TrainingSession): Promise<Content> {
  const { config, data, device, progress } = session;
  const { evaluation, step } = await judgedNow(session);
  const { settings = {} } = await checkpointNow(session);
  return renderReport({
    title: 'Training report',
    subtitle: `ResNet-${config.layers}, ${config.size} × ${config.size} pixels, ${evaluation.names.length} photographs`,
    predictions: evaluation,
    classes: data.classes,
    metrics: (progress?.history ?? []).map((report) => ({ kind: 'epoch' as const, ...report })),
    facts: [
      { title: 'Settings', entries: Object.entries(settings) },
      {
        title: 'Training',
        entries: [
          ['steps', step],
          ['training photographs', data.training.length],
          ['adapter', device.info.name],
        ],
      },
    ],
  });
}
