/** Every word the page says. */
import type { Mode, StepName } from '../../shared/client.ts'

const modes: Record<Mode, { name: string; about: string }> = {
  tpo: { name: 'TPO', about: 'The best answer is compared with the worst one.' },
  revision: { name: 'Revision', about: 'The best answer is criticised on its own.' },
  bon: { name: 'Best of N', about: 'One round of answers, nothing is rewritten.' },
}

const steps: Record<StepName, string> = {
  sample: 'writing answers',
  score: 'scoring',
  loss: 'textual loss',
  gradient: 'textual gradient',
  update: 'rewriting',
}

export const texts = {
  name: 'tpo-edge',
  docs: 'API',
  headline: 'TPO writes several answers, finds out why the best one wins, and writes a better one.',
  lead: 'Test-time preference optimization: a reward model scores every answer, the gap between best and worst becomes a critique, and the critique guides the next round. No weights change.',

  question: 'Your question',
  questionHint: "Write a short email that reminds attendees of Friday's workshop",
  questionMissing: 'Write a question first, or tap one of the examples.',
  examples: 'Or try',
  exampleList: [
    {
      title: 'Workshop reminder',
      question: "Write a short email that reminds attendees of Friday's workshop",
    },
    {
      title: 'Dinner invitation',
      question:
        'Write a friendly invitation to Priya for a farewell dinner on Thursday, 14 May at 7 pm in the Harbour Café.',
    },
    {
      title: 'Thank-you note',
      question:
        'Write a thank-you note to Maria for helping me move last Saturday. Say that it saved me a whole day. Sign it as Tom.',
    },
    {
      title: 'Apology',
      question:
        'Apologise to Mr Novak for missing our meeting yesterday. Explain that my train was cancelled. I will propose a new date.',
    },
    {
      title: 'Repair request',
      question:
        'Ask my landlord to repair the heating by Monday. Explain that the radiators are cold.',
    },
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

  how: 'How it works',
  howSteps: [
    { title: 'Sample', about: 'The policy writes several answers to your question.' },
    { title: 'Score', about: 'A reward model gives every answer a number.' },
    { title: 'Compare', about: 'Why the chosen answer beats the rejected one, in words.' },
    { title: 'Rewrite', about: 'The advice drawn from it leads to better answers. Repeat.' },
  ],

  run: 'Run',
  iteration: (iteration: number) => `Iteration ${iteration}`,
  starting: 'Starting',
  running: (iteration: number, of: number, step: StepName) =>
    `Iteration ${iteration} of ${of} · ${steps[step]}`,
  done: 'Done',
  cancelled: 'Cancelled',
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
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'Selected, press Ctrl/⌘ + C',

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
  answer: (place: string) => `Answer ${place}`,
  chosen: 'Chosen',
  rejected: 'Rejected',
  thinking: 'Thinking',
  empty: 'an empty answer',
  cutOff: 'cut off at max_tokens',
  unscored: 'not scored yet',

  noConnection: 'The API cannot be reached',
  noConnectionDetail:
    'The connection to the API was refused or broke off. See whether `npm start` is still running.',
  unexpected: 'The API gave an answer this page does not understand',
  unexpectedDetail: 'Reload the page; if that does not help, the log of the API says more.',
  crashed: 'The page ran into a fault of its own',
  reload: 'Reload the page',

  saidScored: (iteration: number, mean: string, best: string) =>
    `Iteration ${iteration} scored: mean ${mean}, best ${best}.`,
  saidDone: (reward: string, answer: string) => `Done. Best answer, reward ${reward}: ${answer}`,
  saidCancelled: 'Cancelled. The best answer so far is kept.',
} as const
