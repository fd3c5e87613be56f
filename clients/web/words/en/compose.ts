/** Asking a question and choosing how it is worked on. */
import type { Mode } from '../../../../shared/client.ts'

const modes: Record<Mode, { name: string; about: string }> = {
  tpo: { name: 'TPO', about: 'The best answer is compared with the worst one.' },
  revision: { name: 'Revision', about: 'The best answer is criticised on its own.' },
  bon: { name: 'Best of N', about: 'One round of answers, nothing is rewritten.' },
}

/** What a number may be. */
interface Bounds {
  min: number | undefined
  max: number | undefined
  decimal: boolean
}

export const compose = {
  headline: 'TPO writes several answers, finds out why the best one wins, and writes a better one.',
  lead: 'Test-time preference optimization: a reward model scores every answer, the gap between best and worst becomes a critique, and the critique guides the next round. No weights change.',

  question: 'Your question',
  questionHint: "Write a short email that reminds attendees of Friday's workshop",
  questionMissing: 'Write a question first, or tap one of the examples.',
  examples: 'Or try',
  exampleTitles: [
    'Workshop reminder',
    'Dinner invitation',
    'Thank-you note',
    'Apology',
    'Repair request',
  ],
  improve: 'Improve',
  shortcut: 'Ctrl/⌘ + Enter',

  settings: 'Settings',
  mode: 'Mode',
  modes,
  samples: 'Answers per round',
  iterations: 'Rounds of rewriting',
  seed: 'Seed',
  seedHint: 'The same seed gives the same run.',
  settingsBrief: (mode: Mode, samples: number, iterations: number, seed: number) =>
    [
      modes[mode].name,
      `${samples} ${samples === 1 ? 'answer' : 'answers'}`,
      ...(mode === 'bon' ? [] : [`${iterations} ${iterations === 1 ? 'round' : 'rounds'}`]),
      `seed ${seed}`,
    ].join(' · '),

  briefSystem: 'system prompt',
  briefStop: 'stops early',
  temperature: 'Temperature',
  topP: 'Top p',
  maxTokens: 'Longest answer, in tokens',
  maxTokensHint: 'Fitted to what the model takes.',
  system: 'System prompt',
  systemLabel: 'What the model is told before the conversation',
  stops: 'Stop early',
  stopsAbout: 'The best answer so far is always kept.',
  plateau: 'Rounds without gain',
  plateauHint: 'Ends after so many in a row.',
  minImprovement: 'Least gain that counts',
  minImprovementHint: 'Of reward, over those rounds.',
  targetReward: 'Reward to reach',
  targetRewardHint: 'Ends when the best answer has it.',
  minGap: 'Least gap of best and worst',
  minGapHint: 'Ends when a round is closer together.',
  tokenBudget: 'Token budget',
  tokenBudgetHint: 'No round begins that would exceed it.',
  deadline: 'Deadline, in seconds',
  deadlineHint: 'What is complete by then is scored.',
  critic: 'Critic',
  criticAbout: 'How the textual loss and gradient are written.',
  prices: 'Prices',
  pricesAbout: 'Kept in this browser, to show what a run costs.',
  promptPrice: 'Per million prompt tokens',
  completionPrice: 'Per million completion tokens',
  reset: 'Back to the defaults',
  off: 'off',
  wrong: ({ min, max, decimal }: Bounds) => {
    const kind = decimal ? 'a number' : 'a whole number'
    if (min === undefined) return `This has to be ${kind}.`
    return max === undefined
      ? `This has to be ${kind}, at least ${min}.`
      : `This has to be ${kind} from ${min} to ${max}.`
  },
  estimate: (calls: number, tokens: string, most: string) =>
    `About ${calls} ${calls === 1 ? 'model call' : 'model calls'}, ${tokens} tokens, at most ${most}`,
  estimateCost: (usual: string, most: string) => `· cost ${usual}, at most ${most}`,

  turns: 'Earlier turns',
  addEarlier: 'Add earlier turns',
  addTurn: 'Add a turn',
  roles: { user: 'You', assistant: 'Model' },
  turn: (number: number) => `Turn ${number}`,
  turnRole: (number: number) => `Who speaks in turn ${number}`,
  removeTurn: (number: number) => `Remove turn ${number}`,

  how: 'How it works',
  howSteps: [
    { title: 'Sample', about: 'The policy writes several answers to your question.' },
    { title: 'Score', about: 'A reward model gives every answer a number.' },
    { title: 'Compare', about: 'Why the chosen answer beats the rejected one, in words.' },
    { title: 'Rewrite', about: 'The advice drawn from it leads to better answers. Repeat.' },
  ],
}
