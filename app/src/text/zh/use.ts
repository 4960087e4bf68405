import type { Sentences } from '../en/index.ts';

export const use: Sentences['use'] = {
  intro: '选择或拍摄一张新照片，模型会立即给出判断结果。',
  noAdvice: '本软件是研究工具，并非医疗器械。其结果不构成医疗建议：不得据此对患者作任何决定。',
  model: '模型',
  none: '尚未选择模型。',
  chosen: (from, layers, size, classes) =>
    `${from}：ResNet-${layers}，照片 ${size} × ${size} 像素，${classes} 个类别。`,
  assumed: (size) =>
    `文件既未说明模型适用于怎样的照片，也未给出类别名称。这里假定照片为 ${size} × ${size} 像素。`,
  unnamed: (label) => `类别 ${label}`,
  useTrained: '使用训练好的模型',
  useFile: '打开模型文件（.safetensors、.pdparams、.pth）',
  loading: '正在载入模型……',
  looking: '正在查看……',
  photographs: '照片',
  choose: '选择照片',
  camera: '拍一张照片',
  drop: '也可以拖放到此处。',
  coloured: '标出模型的依据',
  says: (name, probability) => `判为${name}（${probability}）`,
};
