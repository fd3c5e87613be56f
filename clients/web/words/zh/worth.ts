/** "Was it worth it?": the run beside best-of-N with as many samples. */
import type { worth as english } from '../en/worth.ts'

export const worth: typeof english = {
  title: '这样做值得吗？',
  about: (samples) =>
    `本次运行共写出 ${samples} 个回答。N 选优（N = ${samples}）一次生成同样数量的回答而不做改写：这就是同等工作量在没有批评时能得到的结果。`,
  compare: (samples) => `与 ${samples} 选优比较`,
  drawing: (samples, tokens) => `正在生成 ${samples} 个回答 · ${tokens} token`,
  scoring: '正在打分',
  cancelled: '已取消。',
  thisRun: (mode) => `本次运行（${mode}）`,
  bestOf: (samples) => `${samples} 选优`,
  worthIt: (mode, gain, samples) => `值得：${mode} 的奖励比 ${samples} 选优高 ${gain}。`,
  notWorthIt: (mode, gain, samples) => `这次不值得：${samples} 选优的奖励比 ${mode} 高 ${gain}。`,
  equal: '不分高下：两者奖励相同。',
}
