import type { Sentences } from '../en/index.ts';

export const takeAway: Sentences['takeAway'] = {
  intro: '训练所得归您所有。每个文件都能在相应的工具中打开；没有任何内容会被发送出去。',
  files: {
    checkpoint: {
      title: '检查点',
      use: '供任何计算机上的 fovea 使用：继续训练、评估、预测。也可在“使用”页打开。',
    },
    onnx: { title: 'ONNX', use: '供其他程序使用，例如 onnxruntime。输入为照片的 RGB 字节。' },
    report: { title: '报告', use: '含全部数字与曲线的网页，可打印或转交。' },
    modelCard: { title: '模型卡', use: '说明模型是什么、用什么训练、不可用于什么。' },
    metrics: { title: '数字', use: '“评估”页的全部数字，供程序读取（JSON）。' },
  },
  save: '保存',
  saveWhat: (title) => `保存：${title}`,
  making: '正在生成文件……',
  saved: (name) => `${name} 已存入下载文件夹。`,
};
