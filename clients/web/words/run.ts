/** A run as it goes and what it came to. */
import type { StepName, StopReason } from '../../../shared/client.ts'

const steps: Record<StepName, string> = {
  sample: 'writing answers',
  score: 'scoring',
  loss: 'textual loss',
  gradient: 'textual gradient',
  update: 'rewriting',
}

const stopReasons: Record<StopReason, string> = {
  iterations: 'all rounds done',
  plateau: 'no better answer came any more',
  target_reward: 'the target reward was reached',
  small_gap: 'best and worst answer were too close',
  token_budget: 'the token budget is spent',
  deadline: 'the time is up',
}

export const en = {
  run: 'Run',
  iteration: (iteration: number) => `Iteration ${iteration}`,
  starting: 'Starting',
  running: (iteration: number, of: number, step: StepName) =>
    `Iteration ${iteration} of ${of} · ${steps[step]}`,
  done: 'Done',
  stopReasons,
  cancelled: 'Cancelled',
  open: 'Not finished',
  stopped: 'Stopped by an error',
  progress: 'Progress',
  cancel: 'Cancel',
  resume: 'Continue',
  tryAgain: 'Try again from here',
  tokens: 'tokens',
  modelCalls: 'model calls',
  time: 'time',

  best: 'Best answer',
  bestSoFar: 'Best answer so far',
  firstBest: 'First best',
  firstBestHint: 'The best of the first answers: what best-of-N alone would give.',
  stillBest: 'Still the best one.',
  reward: 'reward',
  gain: (gain: string) => `${gain} reward`,

  curve: 'Reward by iteration',
  curveAbout:
    'Reward of every answer, mean and best so far, by iteration. The table has the numbers.',
  legendAnswer: 'answer',
  legendMean: 'mean',
  legendBest: 'best so far',
  columnIteration: 'Iteration',
  columnMean: 'Mean',
  columnBest: 'Best',
  columnSpread: 'Spread',

  firstAnswers: 'First answers',
  rewritten: 'Rewritten answers',
  loss: 'Textual loss',
  lossAbout: 'what separates the answers',
  gradient: 'Textual gradient',
  gradientAbout: 'what to change',
  compared: (chosen: string, rejected: string) => `Chosen ${chosen} against rejected ${rejected}`,
  criticised: (chosen: string) => `Chosen ${chosen}, on its own`,
  ownAnswer: 'your own answer',
  answer: (place: string) => `Answer ${place}`,
  chosen: 'Chosen',
  rejected: 'Rejected',
  thinking: 'Thinking',
  empty: 'an empty answer',
  cutOff: 'cut off at max_tokens',
  unscored: 'not scored yet',

  saidScored: (iteration: number, mean: string, best: string) =>
    `Iteration ${iteration} scored: mean ${mean}, best ${best}.`,
  saidDone: (reward: string, answer: string) => `Done. Best answer, reward ${reward}: ${answer}`,
  saidCancelled: 'Cancelled. The best answer so far is kept.',
}

const zhSteps: typeof steps = {
  sample: '生成回答',
  score: '打分',
  loss: '文本损失',
  gradient: '文本梯度',
  update: '改写',
}

const zhStopReasons: typeof stopReasons = {
  iterations: '全部轮次已完成',
  plateau: '不再出现更好的回答',
  target_reward: '已达到目标奖励',
  small_gap: '最佳与最差回答过于接近',
  token_budget: 'token 预算已用完',
  deadline: '时间已到',
}

export const zh: typeof en = {
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

  best: '最佳回答',
  bestSoFar: '目前最佳回答',
  firstBest: '首轮最佳',
  firstBestHint: '首轮回答中的最佳：单靠 N 选优得到的结果。',
  stillBest: '仍是最佳回答。',
  reward: '奖励',
  gain: (gain) => `奖励 ${gain}`,

  curve: '各轮奖励',
  curveAbout: '每个回答的奖励、平均值和目前最佳，按轮次排列。表中有具体数值。',
  legendAnswer: '回答',
  legendMean: '平均',
  legendBest: '目前最佳',
  columnIteration: '轮次',
  columnMean: '平均',
  columnBest: '最佳',
  columnSpread: '离散度',

  firstAnswers: '首轮回答',
  rewritten: '改写后的回答',
  loss: '文本损失',
  lossAbout: '两个回答差在哪里',
  gradient: '文本梯度',
  gradientAbout: '应当如何修改',
  compared: (chosen, rejected) => `入选 ${chosen}，对比落选 ${rejected}`,
  criticised: (chosen) => `入选 ${chosen}，单独评价`,
  ownAnswer: '你自己的回答',
  answer: (place) => `回答 ${place}`,
  chosen: '入选',
  rejected: '落选',
  thinking: '思考过程',
  empty: '空回答',
  cutOff: '因 max_tokens 被截断',
  unscored: '尚未打分',

  saidScored: (iteration, mean, best) => `第 ${iteration} 轮已打分：平均 ${mean}，最佳 ${best}。`,
  saidDone: (reward, answer) => `完成。最佳回答，奖励 ${reward}：${answer}`,
  saidCancelled: '已取消，目前最佳回答已保留。',
}
