import type { Sentences } from '../en/index.ts';

export const takeAway: Sentences['takeAway'] = {
  intro: '训练结果归您所有，可存为以下文件，在相应的工具中打开。不会发送任何内容。',
  files: {
    checkpoint: {
      title: '检查点',
      use: '供任何计算机上的 fovea 继续训练、评估、预测；也可在“使用”页打开。',
    },
    onnx: { title: 'ONNX', use: '供其他程序使用，例如 onnxruntime。输入为照片的 RGB 字节。' },
    report: {
      title: '报告',
      use: '含全部指标、曲线以及判错最严重的照片的网页（英文）。只可交给有权查看这些照片的人。',
    },
    reportWithoutPhotographs: {
      title: '不含照片的报告',
      use: '内容相同，但不含照片，只有文件名；可打印或转交。',
    },
    modelCard: { title: '模型卡', use: '说明模型是什么、用哪些照片训练、不可用于哪些用途（英文）。' },
    metrics: { title: '指标', use: '“评估”页的全部指标，供程序读取（JSON）。' },
  },
  save: '保存',
  saveWhat: (title) => `保存：${title}`,
  making: '正在生成文件……',
  saved: (name) => `${name} 已存入下载文件夹。`,
};
