/** A run as it goes and what it came to. */
import type { StepName, StopReason } from '../../../../shared/client.ts'

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

export const run = {
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
  cost: 'cost',

  best: 'Best answer',
  bestSoFar: 'Best answer so far',
  firstBest: 'First best',
  firstBestHint: 'The best of the first answers: what best-of-N alone would give.',
  stillBest: 'It is one of the first answers: no rewriting has beaten it so far.',
  reward: 'reward',
  gain: (gain: string) => `${gain} reward`,

  curve: 'Reward by iteration',
  curveAbout:
    'Reward of every answer, mean and best so far, by iteration. The table has the numbers.',
  legendAnswer: 'answer',
  legendMean: 'mean',
  legendBand: 'spread',
  legendBest: 'best so far',
  columnIteration: 'Iteration',
  columnMean: 'Mean',
  columnBest: 'Best',
  columnSpread: 'Spread',

  lengthTrend: (growth: number, correlation: string) =>
    `Rewards rise along with length: answers grew by ${growth} %, and the two go together (correlation ${correlation}). Read the best answer before you trust its reward; a reward model can be pleased by length alone.`,

  followUp: 'Ask a follow-up',
  changes: 'What changed',
  changesInAll: 'All in all, from the first version to the best one.',
  advice: 'The advice that caused it',
  became: 'became',
  allAnswers: (count: number) => (count === 1 ? 'The one answer' : `All ${count} answers`),
  columnAnswer: 'Answer',
  columnText: 'How it begins',
  columns: { iteration: 'Iteration', reward: 'Reward', length: 'Length' },

  firstAnswers: 'First answers',
  rewritten: 'Rewritten answers',
  loss: 'Textual loss',
  lossAbout: 'what separates the answers',
  gradient: 'Textual gradient',
  gradientAbout: 'what to change',
  against: 'against',
  alone: 'on its own',
  ownAnswer: 'your own answer',
  answer: (place: string) => `Answer ${place}`,
  chosen: 'Chosen',
  rejected: 'Rejected',
  bestShort: 'Best',
  chosenFor: (iterations: readonly number[]) => `Chosen for ${iterations.join(', ')}`,
  rejectedFor: (iterations: readonly number[]) => `Rejected for ${iterations.join(', ')}`,
  thinking: 'Thinking',
  empty: 'an empty answer',
  cutOff: 'cut off at max_tokens',
  unscored: 'not scored yet',

  saidScored: (iteration: number, mean: string, best: string) =>
    `Iteration ${iteration} scored: mean ${mean}, best ${best}.`,
  saidDone: (reward: string, answer: string) => `Done. Best answer, reward ${reward}: ${answer}`,
  saidCancelled: 'Cancelled. The best answer so far is kept.',
}
