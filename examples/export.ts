// Writes a network as an ONNX file that takes photographs as they are decoded: RGB bytes, any number of them.
import { writeFile } from 'node:fs/promises';
import { createDevice, PREPROCESSINGS, ResNet, toOnnx } from 'fovea';

const device = await createDevice();
const model = new ResNet(device, { layers: 18, classDim: 2 }); // or modelOfCheckpoint(device, await loadCheckpoint(path))
const bytes = await toOnnx(model, {
  inputShape: [3, 64, 64],
  preprocessing: PREPROCESSINGS.imagenet,
  metadata: { classes: JSON.stringify(['healthy', 'ill']), size: '64' },
});
await writeFile('model.onnx', bytes);
console.log(`model.onnx: ${bytes.length} bytes`);
device.destroy();
