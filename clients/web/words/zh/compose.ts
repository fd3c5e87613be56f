/** Asking a question and choosing how it is worked on. */
import type { Mode } from '../../../../shared/client.ts'
import type { compose as english } from '../en/compose.ts'

const zhModes: Record<Mode, { name: string; about: string }> = {
  tpo: { name: 'TPO', about: '将最佳回答与最差回答进行比较。' },
  revision: { name: '修订', about: '只对最佳回答本身提出批评。' },
  bon: { name: 'N 选优', about: '只生成一轮回答，不做改写。' },
}

export const compose: typeof english = {
  headline: 'TPO 先写出多个回答，找出最佳回答胜出的原因，再写出更好的回答。',
  lead: '测试时偏好优化：奖励模型为每个回答打分，最佳与最差之间的差距变成一段批评，再由批评引导下一轮回答。模型权重始终不变。',

  question: '你的问题',
  questionHint: '写一封简短的邮件，提醒大家参加周五的研讨会',
  questionMissing: '请先写下问题，或点选一个示例。',
  examples: '或者试试',
  exampleTitles: ['研讨会提醒', '晚餐邀请', '感谢信', '道歉信', '报修请求'],
  improve: '开始优化',
  shortcut: 'Ctrl/⌘ + Enter',

  settings: '设置',
  mode: '模式',
  modes: zhModes,
  samples: '每轮回答数',
  iterations: '改写轮数',
  seed: '随机种子',
  seedHint: '种子相同，运行结果相同。',
  settingsBrief: (mode, samples, iterations, seed) =>
    [
      zhModes[mode].name,
      `${samples} 个回答`,
      ...(mode === 'bon' ? [] : [`${iterations} 轮改写`]),
      `种子 ${seed}`,
    ].join(' · '),

  briefSystem: '系统提示词',
  briefStop: '提前停止',
  temperature: '温度',
  topP: 'Top p',
  maxTokens: '回答的最大 token 数',
  maxTokensHint: '会按模型的上限调整。',
  system: '系统提示词',
  systemLabel: '对话开始前给模型的说明',
  stops: '提前停止',
  stopsAbout: '始终保留目前的最佳回答。',
  plateau: '没有更好回答的轮数',
  plateauHint: '连续这么多轮后结束。',
  minImprovement: '算作进步的最小奖励增幅',
  minImprovementHint: '按上述轮数合计。',
  targetReward: '目标奖励',
  targetRewardHint: '最佳回答达到后结束。',
  minGap: '最佳与最差的最小差距',
  minGapHint: '一轮内差距更小时结束。',
  tokenBudget: 'token 预算',
  tokenBudgetHint: '不会开始超出预算的一轮。',
  deadline: '时限（秒）',
  deadlineHint: '届时已完成的回答仍会打分。',
  critic: '评论模型',
  criticAbout: '文本损失与文本梯度的写法。',
  prices: '价格',
  pricesAbout: '只保存在此浏览器，用于显示一次运行的费用。',
  promptPrice: '每百万输入 token',
  completionPrice: '每百万输出 token',
  reset: '恢复默认设置',
  off: '关闭',
  wrong: ({ min, max, decimal }) => {
    const kind = decimal ? '数字' : '整数'
    if (min === undefined) return `这里需要一个${kind}。`
    return max === undefined
      ? `这里需要一个不小于 ${min} 的${kind}。`
      : `这里需要一个 ${min} 到 ${max} 之间的${kind}。`
  },
  estimate: (calls, tokens, most) => `约 ${calls} 次模型调用，${tokens} 个 token，最多 ${most} 个`,
  estimateCost: (usual, most) => `· 费用 ${usual}，最多 ${most}`,

  turns: '此前的对话',
  addEarlier: '添加此前的对话',
  addTurn: '添加一轮',
  roles: { user: '你', assistant: '模型' },
  turn: (number) => `第 ${number} 条`,
  turnRole: (number) => `第 ${number} 条由谁说`,
  removeTurn: (number) => `删除第 ${number} 条`,

  how: '工作原理',
  howSteps: [
    { title: '采样', about: '策略模型为你的问题写出多个回答。' },
    { title: '打分', about: '奖励模型给每个回答一个分数。' },
    { title: '比较', about: '用文字说明入选回答为何优于落选回答。' },
    { title: '改写', about: '由此得出的建议带来更好的回答，如此反复。' },
  ],
}
