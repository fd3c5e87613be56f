/** What is kept, taken away and shown again. */
import type { StepName } from '../../../../shared/client.ts'
import type { Unreadable } from '../../../common/export/json.ts'
import type { ReportWords } from '../../../common/export/markdown.ts'
import type { library as english } from '../en/library.ts'

const chineseReport: ReportWords = {
  title: '测试时偏好优化（TPO）运行记录',
  question: '问题',
  best: '最佳回答',
  gain: (gain) => `比首轮最佳 ${gain}`,
  rewards: '奖励',
  columns: ['轮次', '平均', '最佳', '最差', '离散度'],
  iteration: (iteration) => `第 ${iteration} 轮`,
  answer: (name) => `回答 ${name}`,
  reward: (reward) => `奖励 ${reward}`,
  noReward: '无奖励',
  own: '自己写的回答',
  chosen: '入选',
  rejected: '落选',
  loss: '文本损失',
  gradient: '文本梯度',
  edited: '经人工修改',
  spent: ({ calls, tokens, seconds }) => `${calls} 次模型调用 · ${tokens} token · ${seconds}`,
}

const chineseSteps: Record<StepName, string> = {
  sample: '首轮回答',
  score: '奖励',
  loss: '文本损失',
  gradient: '文本梯度',
  update: '改写后的回答',
}

export const library: typeof english = {
  history: '历史',
  about: '运行记录只保存在这台设备的这个浏览器里。',
  search: '搜索问题和最佳回答',
  import: '打开文件…',
  importAbout: '也可以把导出的 JSON 运行记录拖到这里。',
  none: '还没有运行记录。提一个问题，它就会出现在这里。',
  noMatch: '没有包含这些文字的运行记录。',
  ask: '去提问',
  unfinished: '未完成',
  branches: (count) => `${count} 个分支`,
  delete: (question) => `删除“${question}”`,
  deleted: (question) => `“${question}”已删除。`,
  undo: '撤销',
  noAnswer: '尚无回答',

  notKept: {
    refused: '此浏览器不保存任何内容（可能是无痕窗口）。需要的内容请导出。',
    full: '此浏览器空间已满，最近的步骤没有保存。请删除旧记录，或导出这次运行。',
  },
  missing: '此浏览器里没有这条运行记录：它已被删除，或属于另一个浏览器。',

  export: '导出',
  exports: {
    json: { name: 'JSON', about: '全部内容，可重新打开' },
    markdown: { name: 'Markdown', about: '当前分支，便于阅读' },
    csv: { name: 'CSV', about: '全部回答，用于电子表格' },
    preferences: { name: '偏好对', about: '用于 DPO 训练的 JSONL' },
  },

  replay: '回放',
  replayBar: '回放，不调用模型',
  play: '播放',
  pause: '暂停',
  end: '结束回放',
  position: (place, of, step, iteration) =>
    step === null
      ? `起点，共 ${of} 步`
      : `第 ${place} 步，共 ${of} 步 · 第 ${iteration} 轮，${chineseSteps[step]}`,

  unreadable: (unreadable: Unreadable) => {
    switch (unreadable.kind) {
      case 'not_json':
        return `第 ${unreadable.line} 行第 ${unreadable.column} 列：不是有效的 JSON；请选择以 JSON 导出的文件`
      case 'not_a_run':
        return '这不是导出的运行记录；请选择以 JSON 导出的文件'
      case 'newer':
        return `此文件的版本是 ${unreadable.version}，比本程序能读取的更新；请更新程序`
      case 'damaged':
        return `文件在 ${unreadable.path} 处损坏：${unreadable.message}`
    }
  },
  report: chineseReport,
}
