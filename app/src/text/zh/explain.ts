import type { Sentences } from '../en/index.ts';

export const explain: Sentences['explain'] = {
  intro: '模型在照片的何处看到了它所说的内容：浅黄处依据最多。',
  photograph: '照片',
  layer: '层',
  suits: (layer) => `${layer}（最合适）`,
  opacity: (share) => `不透明度：${share}`,
  looking: '正在查看……',
  says: (name, probability) => `${name}：${probability}`,
  drawn: (photograph, name) => `${photograph}，着色处为模型看到“${name}”之处`,
  save: '存为 PNG',
  others: '并排对照',
  show: '查看',
  noAdvice: '它只说明模型看了哪里，并不说明看得对。不同照片之间不可比较。此处内容不构成医疗建议。',
};
