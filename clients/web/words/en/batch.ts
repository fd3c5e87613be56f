/** Many questions at once. */
import type { StepName } from '../../../../shared/client.ts'
import { describeQuestionError } from '../../../common/question-faults.ts'

const steps: Record<StepName, string> = {
  sample: 'writing answers',
  score: 'scoring',
  loss: 'textual loss',
  gradient: 'textual gradient',
  update: 'rewriting',
}

export const batch = {
  title: 'Batch',
  about:
    'Every question of a file becomes a run of its own. It goes on after a reload, and nothing that is done is done again.',
  drop: 'Drop a file of questions here',
  choose: 'Choose a file…',
  formats:
    'A JSON list, JSON lines or CSV. A row has a question, and may have an id and a system prompt:',
  formatsMore:
    'In place of query, question, prompt or instruction a row may have messages, a conversation that ends with the user.',
  another: 'Another file…',
  found: (count: number, name: string) =>
    `${count} ${count === 1 ? 'question' : 'questions'} in ${name}`,
  wrong: (count: number) =>
    `${count} ${count === 1 ? 'row is' : 'rows are'} wrong and will be left out:`,
  more: (count: number) => `and ${count} more`,
  unread: (fields: string) => `Not read: ${fields}`,
  error: describeQuestionError,

  concurrency: 'Questions at a time',
  concurrencyHint: 'A browser sends 6 requests at a time to a server without HTTP/2.',
  start: (count: number) => `Start ${count} ${count === 1 ? 'question' : 'questions'}`,
  replaces: (name: string) =>
    `This takes the place of ${name}. What the two have in common is not asked again.`,
  back: (name: string) => `Back to ${name}`,
  new: 'New batch',

  status: {
    running: 'Working',
    pausing: 'Pausing after the steps under way',
    paused: 'Paused',
    done: 'Done',
  },
  pause: 'Pause',
  resume: 'Resume',
  retry: (count: number) => `Retry ${count} failed`,
  progress: 'Progress of the batch',
  done: 'done',
  ofAll: (done: number, all: number) => `${done} of ${all}`,
  failed: 'failed',
  rate: 'per minute',
  left: 'left',
  tokens: 'tokens',
  meanReward: 'mean reward',
  meanGain: 'mean gain',
  stopped: 'Everything waits until you resume.',
  elsewhere:
    'Another window of this browser works on this batch. Reload this one when it is done there.',

  download: 'Download',
  downloads: {
    jsonl: { name: 'JSONL', about: 'everything, a line each' },
    csv: { name: 'CSV', about: 'a row each, for a spreadsheet' },
    preferences: { name: 'Preference pairs', about: 'JSONL for DPO training' },
  },

  onlyFailed: 'Failed ones only',
  waiting: 'waiting',
  working: (taken: number, of: number, step: StepName | null) =>
    step === null ? 'starting' : `${taken} of ${of} · ${steps[step]}`,
  leftOff: (taken: number, of: number) => `${taken} of ${of} steps`,
}
