/** A run as it goes and what it came to. */
import type { StepName, StopReason } from '../../../../shared/client.ts'
import type { run as english } from '../en/run.ts'

const zhSteps: Record<StepName, string> = {
  sample: '生成回答',
  score: '打分',
  loss: '文本损失',
  gradient: '文本梯度',
  update: '改写',
}

const zhStopReasons: Record<StopReason, string> = {
  iterations: '全部轮次已完成',
  plateau: '不再出现更好的回答',
  target_reward: '已达到目标奖励',
  small_gap: '最佳与最差回答过于接近',
  token_budget: 'token 预算已用完',
  deadline: '时间已到',
}

export const run: typeof english = {
  run: '运行',
  iteration: (iteration) => `第 ${iteration} 轮`,
  starting: '正在开始',
  running: (iteration, of, step) => `第 ${iteration} 轮，共 ${of} 轮 · ${zhSteps[step]}`,
  done: '完成',
  stopReasons: zhStopReasons,
  cancelled: '已取消',
  open: '未完成',
  stopped: '因错误停止',
  progress: '进度',
  cancel: '取消',
  resume: '继续',
  tryAgain: '从这里重试',
  tokens: 'token',
  modelCalls: '次模型调用',
  time: '用时',
  cost: '费用',

  best: '最佳回答',
  bestSoFar: '目前最佳回答',
  firstBest: '首轮最佳',
  firstBestHint: '首轮回答中的最佳：单靠 N 选优得到的结果。',
  stillBest: '它来自首轮回答：目前还没有改写超过它。',
  reward: '奖励',
  gain: (gain) => `奖励 ${gain}`,

  curve: '各轮奖励',
  curveAbout: '每个回答的奖励、平均值和目前最佳，按轮次排列。表中有具体数值。',
  legendAnswer: '回答',
  legendMean: '平均',
  legendBand: '离散度',
  legendBest: '目前最佳',
  columnIteration: '轮次',
  columnMean: '平均',
  columnBest: '最佳',
  columnSpread: '离散度',

  lengthTrend: (growth, correlation) =>
    `奖励随长度一起上升：回答变长了 ${growth}%，两者相关（相关系数 ${correlation}）。请先读一读最佳回答再相信它的奖励；奖励模型可能只是偏爱更长的回答。`,

  followUp: '继续追问',
  changes: '改动了什么',
  changesInAll: '总体来看，从最初版本到最佳版本。',
  advice: '引起改动的建议',
  became: '变为',
  allAnswers: (count) => `全部 ${count} 个回答`,
  columnAnswer: '回答',
  columnText: '开头',
  columns: { iteration: '轮次', reward: '奖励', length: '长度' },

  firstAnswers: '首轮回答',
  rewritten: '改写后的回答',
  loss: '文本损失',
  lossAbout: '两个回答差在哪里',
  gradient: '文本梯度',
  gradientAbout: '应当如何修改',
  against: '对比',
  alone: '单独评价',
  ownAnswer: '你自己的回答',
  answer: (place) => `回答 ${place}`,
  chosen: '入选',
  rejected: '落选',
  bestShort: '最佳',
  chosenFor: (iterations) => `第 ${iterations.join('、')} 轮入选`,
  rejectedFor: (iterations) => `第 ${iterations.join('、')} 轮落选`,
  thinking: '思考过程',
  empty: '空回答',
  cutOff: '因 max_tokens 被截断',
  unscored: '尚未打分',

  saidScored: (iteration, mean, best) => `第 ${iteration} 轮已打分：平均 ${mean}，最佳 ${best}。`,
  saidDone: (reward, answer) => `完成。最佳回答，奖励 ${reward}：${answer}`,
  saidCancelled: '已取消，目前最佳回答已保留。',
}
