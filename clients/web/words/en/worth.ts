/** "Was it worth it?": the run beside best-of-N with as many samples. */

export const worth = {
  title: 'Was it worth it?',
  about: (samples: number) =>
    `The run wrote ${samples} answers in all. Best of ${samples} draws as many at once and rewrites none: what it reaches is what the same work would have given without critique.`,
  compare: (samples: number) => `Compare with best of ${samples}`,
  drawing: (samples: number, tokens: string) => `Writing ${samples} answers · ${tokens} tokens`,
  scoring: 'Scoring them',
  cancelled: 'Cancelled.',
  thisRun: (mode: string) => `This run, ${mode}`,
  bestOf: (samples: number) => `Best of ${samples}`,
  worthIt: (mode: string, gain: string, samples: number) =>
    `Yes: ${mode} is ${gain} reward ahead of best of ${samples}.`,
  notWorthIt: (mode: string, gain: string, samples: number) =>
    `Not this time: best of ${samples} is ${gain} reward ahead of ${mode}.`,
  equal: 'Neither: both reach the same reward.',
}
