import type { Sentences } from '../en/index.ts';

export const explain: Sentences['explain'] = {
  intro: '模型依据照片的哪些部位判断为某一类别：浅黄色处依据最强。',
  photograph: '照片',
  layer: '层',
  suits: (layer) => `${layer}（最合适）`,
  opacity: (share) => `不透明度：${share}`,
  looking: '正在查看……',
  says: (name, probability) => `${name}：${probability}`,
  drawn: (photograph, name) => `${photograph}，着色处为模型判断为“${name}”的依据`,
  save: '存为 PNG',
  block: (stage, block) => `第 ${stage} 阶段，第 ${block} 块`,
  others: '各类别并排对照',
  show: '查看',
  noAdvice: '此图只显示模型的依据，并不表示判断正确。不同照片的图之间不可比较亮度。此处内容不构成医疗建议。',
};
