import type { Sentences } from '../en/index.ts';

const unexpected = '出现了不应有的错误。请重新打开此页面；如果再次出现，请把下方内容报告给开发者。';

export const failures: Sentences['failures'] = {
  'no-adapter': '浏览器无法使用图形处理器。请在浏览器设置中开启硬件加速，或更新浏览器，然后重新打开此页面。',
  'untrustworthy-adapter': '图形处理器的计算结果有误，不可信赖。请更新其驱动程序和浏览器，或换一台计算机。',
  'device-lost':
    '与图形处理器的连接已中断且未能恢复。请关闭其他占用它的程序，然后重新打开此页面：可在“训练”页恢复训练。',
  'out-of-memory': '图形处理器内存不足。请减少每步照片数、缩小图像或减少层数。',
  unsupported: '超出了图形处理器的能力。请减少每步照片数、缩小图像或减少层数。',
  'not-finite': '模型的数值超出了范围。请用较低的学习率重新训练。',
  'bad-file': '有文件无法读取：文件已损坏，或在选择之后被修改或移动。请重新选择。',
  'bad-data': '所给内容互不相符，详见下方。',
  'in-use': '另一个标签页正在使用同样的内容。请关闭它后重试。',
  'invalid-argument': unexpected,
  'shape-mismatch': unexpected,
  'dtype-mismatch': unexpected,
  validation: unexpected,
  disposed: unexpected,
  unknown: unexpected,
  crashed: '此页面的计算部分已意外终止，多半是因为内存不足。请重新打开此页面：可在“训练”页恢复训练。',
  noRoom: '浏览器没有更多空间供此网站使用。请清理磁盘空间后重试。',
  noData: '还没有照片。请在“数据”页选择。',
  noTraining: '还没有训练好的模型。请先在“训练”页训练。',
  noModel: '尚未选择模型。请在上方选择。',
  noPhotograph: '这张照片已不存在。请在“数据”页重新选择照片。',
  allDamaged: '没有一张照片可以读取。请在“数据”页选择其他照片。',
  classFolders:
    '无法由文件夹得知类别。请把每个类别的照片放入以该类别命名的文件夹，至少两个文件夹，每个至少两张照片，然后选择包含它们的上一级文件夹；也可以添加一个写明文件与类别的表格。',
  classTable:
    '无法由表格得知类别。表格第一行须写明文件列与类别列的名称，其后每行对应一张照片。请在下方填写这两列的名称。',
  classNames:
    '无法由文件名得知类别。文件名须以 H 或 N（非病理性）或 P（病理性）开头；以 V 开头的须由表格给出类别。',
  weights:
    '此文件无法使用。它须包含 18、34、50、101 或 152 层 ResNet 的权重：由“导出”页保存的检查点，或 Paddle、PyTorch 的权重文件。',
  photograph: '此文件无法作为照片显示。请选择 JPEG 或 PNG 文件。',
  keptTraining: '保留的训练已无法读取。请删除它，然后重新训练。',
  bestGone: '最佳一轮的模型已不再保留：期间另一个标签页进行了训练。请使用最后一步的模型。',
  otherPhotographs: '这些照片与训练开始时所用的不同。请在“数据”页选择相同的照片，或删除该训练。',
};
