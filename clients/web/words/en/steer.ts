/** Steering a run: its tree, going on with changes, anatomy, provenance, comparison. */
import type { Edit, StepName } from '../../../../shared/client.ts'

const steps: Record<StepName, string> = {
  sample: 'Answers',
  score: 'Scores',
  loss: 'Loss',
  gradient: 'Gradient',
  update: 'Rewrite',
}

const edits: Record<keyof Edit, string> = {
  add: 'own answers',
  drop: 'answers left out',
  chosen: 'chosen',
  rejected: 'rejected',
  loss: 'loss',
  gradient: 'gradient',
  sampling: 'sampling',
}

const sampling: Record<keyof NonNullable<Edit['sampling']>, string> = {
  temperature: 'Temperature',
  top_p: 'Top p',
  max_tokens: 'Tokens at most',
  samples: 'Answers',
  seed: 'Seed',
}

const list = new Intl.ListFormat('en')

export const steer = {
  tree: 'Steps',
  at: (position: string) => `At ${position}`,
  positions: (count: number, ends: number) =>
    `${count} ${count === 1 ? 'position' : 'positions'}${ends > 1 ? ` · ${ends} branches` : ''}`,
  start: 'Start',
  steps,
  position: (step: StepName, iteration: number) => `${steps[step]} ${iteration}`,
  branch: (number: number, of: number) => `branch ${number} of ${of}`,
  edits,
  edited: (fields: readonly (keyof Edit)[]) =>
    `edited: ${list.format(fields.map((field) => edits[field]))}`,
  answers: (count: number) => `${count} ${count === 1 ? 'answer' : 'answers'}`,
  bestReward: 'best reward',
  running: 'at work',
  failed: 'failed',
  cancelled: 'cancelled',
  end: 'end',
  keys: [
    ['h', 'parent'],
    ['l', 'child'],
    ['j k', 'siblings'],
    ['e', 'edit'],
    ['a', 'anatomy'],
    ['c', 'compare'],
  ] as readonly (readonly [key: string, does: string])[],
  keysAbout: 'Keys in the tree: arrows and',

  continueHere: 'Continue from here',
  next: (what: string) => `Next: ${what}`,
  oneStep: 'One step',
  toTheEnd: 'To the end',
  reset: 'Undo the changes',
  unchanged: 'Nothing is changed, so this leads to what followed here before.',
  sibling: 'This grows a new branch; what followed here before stays.',
  elsewhere: 'Another branch is at work; going on from here stops it.',
  candidates: 'Answers to score',
  candidatesAbout: 'Untick what is to be left out.',
  ownAnswer: (number: number) => `Your own answer ${number}`,
  addAnswer: 'Add an answer of your own',
  remove: 'Remove',
  chosen: 'Chosen: is criticised and rewritten',
  rejected: 'Rejected: what it is compared with',
  bestSoFar: (place: string, reward: string) => `Best so far: ${place}, ${reward}`,
  worstSoFar: (place: string, reward: string) => `Worst so far: ${place}, ${reward}`,
  writeOwn: 'Write your own…',
  ownText: 'Your own text',
  swap: 'Swap chosen and rejected',
  drawing: 'How the answers of this step are drawn',
  sampling,
  newSeed: 'New seed',
  ended: 'This branch ends here',
  endedAbout: 'Go back to any step in the tree to change something there and go on from it.',
  again: 'Ask again',

  anatomy: 'Anatomy',
  anatomyOf: (iteration: number) => `Anatomy of iteration ${iteration}`,
  earlier: 'Iteration before',
  later: 'Iteration after',
  result: 'Result',
  resultAbout: 'the best rewritten answer',
  changes: 'From chosen to result',
  notYet: 'Not there yet.',
  close: 'Close',

  provenance: 'Where this reward comes from',
  showProvenance: 'How this reward came about',
  reward: 'Reward, as the model gave it',
  model: 'Reward model',
  server: 'Served by',
  rankInIteration: 'Rank in its iteration',
  rankInRun: 'Rank in the run',
  rank: (rank: number, of: number) => `${rank} of ${of}`,
  length: 'Tokens read',
  truncated: 'Cut',
  whole: 'no, all of it was read',
  cut: (tokens: number | undefined) =>
    tokens === undefined ? 'its middle was cut out' : `${tokens} tokens of its middle were cut out`,
  pooled: 'Scored at',
  pooledAt: (position: number, id: number) => `token ${position}, id ${id}`,
  read: 'The exact text that was read',
  readAbout: 'Special tokens are marked; the one that the reward was read from stands out.',
  unexplained: 'What was read is not known',
  unexplainedServer: (speaks: string) =>
    `The server of the reward model speaks “${speaks}”, which tells rewards and nothing else. Use the reward service of this project (TPO_REWARD_API=tpo) to see what was read.`,
  unexplainedRun: 'The run was started without asking for it (reward.explain).',

  compare: 'Compare',
  compareTwo: 'Compare two positions',
  positionOne: 'First',
  positionOther: 'Second',
  difference: (gain: string) => `${gain} reward from first to second`,
  isBest: 'the best so far',
  isWorst: 'the worst so far',
  changedHere: 'Changed on this branch',
  nothingEdited: 'Nothing; as the models made it.',
  forkedAt: (position: string) => `The two part after ${position}.`,

  diffOfBest: 'From the first best answer to the second',
  rewardsOfBoth: 'Rewards of both',
}
