/** What is kept, taken away and shown again. */
import type { StepName } from '../../../../shared/client.ts'
import { describeUnreadable } from '../../../common/export/json.ts'
import { englishReport } from '../../../common/export/markdown.ts'

export const library = {
  history: 'History',
  about: 'Runs are kept in this browser, on this device, and nowhere else.',
  search: 'Search questions and best answers',
  import: 'Open a file…',
  importAbout: 'Or drop a run here that was exported as JSON.',
  none: 'No runs yet. Ask something, and it will be here.',
  noMatch: 'No run has these words.',
  ask: 'Ask a question',
  unfinished: 'not finished',
  branches: (count: number) => `${count} branches`,
  delete: (question: string) => `Delete “${question}”`,
  deleted: (question: string) => `“${question}” is deleted.`,
  undo: 'Undo',
  noAnswer: 'no answer yet',

  notKept: {
    refused: 'This browser keeps nothing (a private window, maybe). Export what you need.',
    full: 'This browser has no room left: the last steps are not kept. Delete old runs, or export this one.',
  },
  missing: 'There is no such run in this browser. It was deleted, or belongs to another one.',

  export: 'Export',
  exports: {
    json: { name: 'JSON', about: 'everything, to open again' },
    markdown: { name: 'Markdown', about: 'this branch, to read' },
    csv: { name: 'CSV', about: 'every answer, for a spreadsheet' },
    preferences: { name: 'Preference pairs', about: 'JSONL for DPO training' },
  },

  replay: 'Replay',
  replayBar: 'Replay, no model is called',
  play: 'Play',
  pause: 'Pause',
  end: 'End replay',
  position: (place: number, of: number, step: StepName | null, iteration: number) =>
    step === null
      ? `Start, ${of} steps follow`
      : `Step ${place} of ${of} · iteration ${iteration}, ${englishSteps[step]}`,

  unreadable: describeUnreadable,
  report: englishReport,
}

const englishSteps: Record<StepName, string> = {
  sample: 'first answers',
  score: 'rewards',
  loss: 'textual loss',
  gradient: 'textual gradient',
  update: 'rewritten answers',
}
