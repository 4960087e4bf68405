import type { noWebGpu as EnglishNoWebGpu, shell as EnglishShell } from '../en/shell.ts';

/** Sentences of the frame around all pages. */
export const shell: typeof EnglishShell = {
  tabs: {
    data: '数据',
    train: '训练',
    judge: '评估',
    explain: '解释',
    use: '使用',
    takeAway: '导出',
    laboratory: '实验室',
  },
  pages: '页面',
  skip: '跳到页面内容',
  privacy: '任何内容都不会离开本设备。',
  computesOn: (name) => `使用 ${name} 计算。`,
  software: '没有图形处理器：训练较慢。',
  language: '语言',
  theme: '颜色',
  themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
  loading: '正在加载……',
  details: '详情：',
  classes: { pathologic: '病理性', 'not pathologic': '非病理性' },
  again: '重试',
  yes: '是',
  no: '否',
};

/** Sentences of the page that stands where there is no WebGPU. */
export const noWebGpu: typeof EnglishNoWebGpu = {
  title: '此浏览器无法使用图形处理器进行计算',
  reason: '训练需要 WebGPU，而此浏览器在这里不提供。以下浏览器提供：',
  browser: '浏览器',
  systems: '系统',
  rows: [
    ['Chrome 或 Edge 113 及以上', 'Windows、macOS、ChromeOS；Android 需 121 及以上'],
    ['Chrome 或 Edge 144 及以上', 'Linux（Intel 第 12 代及以上的图形处理器）'],
    ['Safari 26 及以上', 'macOS 26、iOS 26、iPadOS 26、visionOS 26'],
    ['Firefox 141 及以上', 'Windows；Apple 芯片的 Mac 需 145 及以上'],
  ],
  insecure: '此页面是通过不安全的地址打开的。请用 https 或在 localhost 打开。',
  adapter: '浏览器提示：',
};
