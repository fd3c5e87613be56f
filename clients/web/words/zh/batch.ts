/** Many questions at once. */
import type { StepName } from '../../../../shared/client.ts'
import type { QuestionError } from '../../../common/question-faults.ts'
import type { batch as english } from '../en/batch.ts'

const zhSteps: Record<StepName, string> = {
  sample: '生成回答',
  score: '打分',
  loss: '文本损失',
  gradient: '文本梯度',
  update: '改写',
}

export const batch: typeof english = {
  title: '批量',
  about: '文件中的每个问题各自成为一次运行。刷新页面后可继续，已完成的不会重做。',
  drop: '把问题文件拖到这里',
  choose: '选择文件…',
  formats: '支持 JSON 列表、JSONL 或 CSV。每行一个问题，可带 id 和系统提示：',
  formatsMore:
    '除 query、question、prompt 或 instruction 外，也可以给出 messages：以用户结尾的一段对话。',
  another: '换一个文件…',
  found: (count, name) => `${name} 中有 ${count} 个问题`,
  wrong: (count) => `有 ${count} 行有误，将被略过：`,
  more: (count) => `还有 ${count} 处`,
  unread: (fields) => `未读取的字段：${fields}`,
  error: ({ line, column, fault }: QuestionError) => {
    const place = column === null ? `第 ${line} 行` : `第 ${line} 行第 ${column} 列`
    switch (fault.kind) {
      case 'empty':
        return `${place}：文件中没有问题`
      case 'not_json':
        return `${place}：不是有效的 JSON`
      case 'not_a_list':
        return `${place}：应为问题列表：["…", "…"]，或每行一个 JSON 对象`
      case 'quotes':
        return `${place}：引号没有闭合或位置不对；引号内的引号请写成 ""`
      case 'no_column':
        return `${place}：没有问题列；请在首行把一列命名为 query 或 messages（现有 ${fault.columns.join('、')}）`
      case 'extra_cells':
        return `${place}：有 ${fault.cells} 个单元格，而首行只有 ${fault.columns} 列；含逗号的文字请放在引号内`
      case 'no_question':
        return `${place}：没有问题；请给出 query 或 messages`
      case 'several_questions':
        return `${place}：${fault.fields.join('、')} 只能给出一个`
      case 'invalid':
        return `${place}：${fault.field} 有误：${fault.message}`
      case 'duplicate_id':
        return `${place}：id ${fault.id} 已在第 ${fault.first} 行使用`
    }
  },

  concurrency: '同时处理的问题数',
  concurrencyHint: '服务器没有 HTTP/2 时，浏览器同时只发送 6 个请求。',
  start: (count) => `开始处理 ${count} 个问题`,
  replaces: (name) => `这将取代 ${name}。两者相同的问题不会重新提问。`,
  back: (name) => `返回 ${name}`,
  new: '新的批次',

  status: { running: '处理中', pausing: '当前步骤完成后暂停', paused: '已暂停', done: '完成' },
  pause: '暂停',
  resume: '继续',
  retry: (count) => `重试 ${count} 个失败项`,
  progress: '批次进度',
  done: '完成',
  ofAll: (done, all) => `${done} / ${all}`,
  failed: '失败',
  rate: '个/分钟',
  left: '剩余',
  tokens: 'token',
  meanReward: '平均奖励',
  meanGain: '平均提升',
  stopped: '全部暂停，等待你继续。',
  elsewhere: '此浏览器的另一个窗口正在处理这个批次。等它完成后再刷新这里。',

  download: '下载',
  downloads: {
    jsonl: { name: 'JSONL', about: '全部内容，每题一行' },
    csv: { name: 'CSV', about: '每题一行，用于电子表格' },
    preferences: { name: '偏好对', about: '用于 DPO 训练的 JSONL' },
  },

  onlyFailed: '只看失败项',
  waiting: '等待中',
  working: (taken, of, step) =>
    step === null ? '正在开始' : `${taken} / ${of} · ${zhSteps[step]}`,
  leftOff: (taken, of) => `已完成 ${taken} / ${of} 步`,
}
