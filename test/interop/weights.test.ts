import { expect, test } from 'vitest';
import { resnetWeights } from '../../src/interop/resnet-names.ts';
import { identifyResNet } from '../../src/interop/resnet-state.ts';
import { decodeWeights, encodeWeights, WEIGHT_FORMATS } from '../../src/interop/weights.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';
import { RESNET_LAYERS, ResNet } from '../../src/nn/resnet.ts';
import type { StateDict } from '../../src/nn/state-dict.ts';
import { fromTorch } from '../../src/nn/torch.ts';
import type { ModelConfig } from '../../src/train/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { testDevice } from '../support/device.ts';

test.each([50] as const)(
  'the table has the names and shapes of a ResNet-%i, in its order',
  async (layers) => {
    const model = new ResNet(await testDevice(), { layers, classDim: 3 });
    const weights = resnetWeights(layers);
    const shape = ({ shape, head }: (typeof weights)[number]) => (head ? [...shape, 3] : shape);
    for (const [naming, names] of [
      ['state', 'original'],
      ['torch', 'torchvision'],
    ] as const)
      expect(model.namedState(naming).map(([name, { tensor }]) => [name, tensor.shape])).toEqual(
        weights.map((weight) => [weight.names[names], shape(weight)]),
      );
    model.dispose();
  },
);

test('Paddle numbers parameters in the order of the state; a ResNet-50 has 267 entries', () => {
  const names = resnetWeights(50).map(({ names }) => names['paddle-parameters']);
  expect(names.length).toBe(267);
  expect(names.slice(0, 6)).toEqual([
    ...['conv2d_0.w_0', 'batch_norm_0.w_0', 'batch_norm_0.b_0', 'batch_norm_0.w_1', 'batch_norm_0.w_2'],
    'conv2d_1.w_0',
  ]);
  expect(names.slice(-3)).toEqual(['batch_norm_52.w_2', 'linear_0.w_0', 'linear_0.b_0']);
});

function shapesOf(layers: (typeof RESNET_LAYERS)[number], names: 'original' | 'torchvision', prefix = '') {
  return new Map(
    resnetWeights(layers).map(({ names: all, shape, head }) => {
      const whole = names === 'torchvision' ? [2, ...shape] : [...shape, 2];
      return [`${prefix}${all[names]}`, head ? whole : [...shape]] as [string, number[]];
    }),
  );
}

test('tells networks apart by names and shapes, also behind what wrappers put before', () => {
  for (const layers of RESNET_LAYERS)
    for (const names of ['original', 'torchvision'] as const)
      for (const prefix of ['', 'module.'])
        expect(identifyResNet(shapesOf(layers, names, prefix))).toMatchObject({
          layers,
          names,
          prefix,
          classDim: 2,
        });
});

test('refuses other networks, wide ones, and missing weights', () => {
  expect(() => identifyResNet(new Map([['features.0.weight', [64, 3, 3, 3]]]))).toThrow(
    /not the weights of a ResNet/,
  );
  const wide = shapesOf(50, 'torchvision');
  wide.set('layer1.0.conv1.weight', [128, 64, 1, 1]);
  expect(() => identifyResNet(wide)).toThrow(/\[128, 64, 1, 1\].*wide network/);
  const cut = shapesOf(34, 'torchvision');
  cut.delete('layer4.2.bn2.running_var');
  cut.set('other', [1]);
  expect(() => identifyResNet(cut)).toThrow(
    /a ResNet-34 by torchvision names lacks 1, layer4\.2\.bn2\.running_var/,
  );
});

const config: ModelConfig = {
  ...{ layers: 18, classDim: 3, size: 96, channelOrder: 'rgb', preprocessing: 'imagenet' },
  classes: ['a', 'b', 'c'],
};
/** Small numbers that differ from place to place. */
const state: StateDict = new Map(
  resnetWeights(18).map(({ names, shape, head }, seed) => {
    const whole = head ? [...shape, 3] : [...shape];
    const data = new Float32Array(whole.reduce((a, b) => a * b, 1));
    for (let i = 0; i < data.length; i++) data[i] = ((i + seed) % 17) / 16;
    return [names.original, { shape: whole, data }];
  }),
);

/** Whether an entry has the shape and the bits of that of {@link state}; millions of numbers are too many for expect(). */
function isSame(other: StateDict, name: string): boolean {
  const [a, b] = [other.get(name)!, state.get(name)!];
  const bytes = ({ data }: typeof a) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return a.shape.join() === b.shape.join() && bytes(a).equals(bytes(b));
}

test.each(WEIGHT_FORMATS)(
  'a ResNet-18 goes through a file of format %s unchanged',
  async (format) => {
    const bytes = encodeWeights({ config, state }, { format });
    const read = await decodeWeights(bytes);
    expect(read).toMatchObject({ format, hasConfig: format !== 'pdparams', passedOver: [] });
    expect(read.config).toEqual(
      format === 'pdparams'
        ? { layers: 18, classDim: 3, size: 224, channelOrder: 'bgr', preprocessing: 'original' }
        : config,
    );
    expect([...state.keys()].filter((name) => !isSame(read.state, name))).toEqual([]);
  },
  20_000,
);

test('of a checkpoint with averages these are the weights, as it was validated and as it predicts', async () => {
  const checkpoint = decodeCheckpoint(encodeWeights({ config, state }, { format: 'checkpoint' }));
  const bias = { shape: [3], data: Float32Array.of(7, 8, 9) };
  const average = { updates: 1, averages: new Map([['out.bias', bias]]) };
  const read = await decodeWeights(encodeCheckpoint({ ...checkpoint, average }));
  expect(read.state.get('out.bias')).toEqual(bias);
  expect([...state.keys()].filter((name) => !isSame(read.state, name))).toEqual(['out.bias']);
});

test('torchvision’s names are those that fromTorch takes; other names come back too', async () => {
  const bytes = encodeWeights({ config, state }, { format: 'safetensors', names: 'torchvision' });
  const model = new ResNet(await testDevice(), { layers: 18, classDim: 3 });
  fromTorch(model, decodeSafetensors(bytes).tensors);
  const loaded = await model.stateDict();
  for (const name of ['out.weight', 'bb_1_0.short._batch_norm._variance'])
    expect(isSame(loaded, name)).toBe(true);
  model.dispose();
  for (const names of ['paddle-parameters', 'paddle-vision'] as const) {
    const read = await decodeWeights(encodeWeights({ config, state }, { format: 'safetensors', names }));
    expect(read.names).toBe(names);
    expect(isSame(read.state, 'out.weight')).toBe(true);
  }
});

test.each([
  ['NaN', 'conv1.weight', Number.NaN, 'conv1.weight holds NaN'],
  ['a negative variance', 'bn1.running_var', -1, 'conv._batch_norm._variance of the weights holds -1'],
])('refuses weights with %s', async (_, name, value, message) => {
  const { tensors } = decodeSafetensors(encodeWeights({ config, state }, { format: 'safetensors' }));
  (tensors.get(name)!.data as Float32Array)[5] = value;
  await expect(decodeWeights(encodeSafetensors(tensors))).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining(message),
  });
});

test('takes a safetensors file for one whatever its header’s length, of which the first byte is the lowest', async () => {
  const { tensors } = decodeSafetensors(encodeWeights({ config, state }, { format: 'safetensors' }));
  const [first] = encodeSafetensors(tensors, { padding: '' });
  const bytes = encodeSafetensors(tensors, { padding: ' '.repeat((0x80 - first! + 0x100) % 0x100) });
  expect(bytes[0]).toBe(0x80); // as a pickle begins
  expect((await decodeWeights(bytes)).format).toBe('safetensors');
});

test('refuses what is no file of weights, and a configuration of another network', async () => {
  await expect(decodeWeights(new TextEncoder().encode('a text of some length'))).rejects.toThrow(
    /neither a safetensors/,
  );
  const { tensors } = decodeSafetensors(encodeWeights({ config, state }, { format: 'safetensors' }));
  const other = encodeSafetensors(tensors, { 'fovea.model': JSON.stringify({ ...config, layers: 34 }) });
  await expect(decodeWeights(other)).rejects.toThrow(/tells of a ResNet-34 .* holds a ResNet-18/);
});
