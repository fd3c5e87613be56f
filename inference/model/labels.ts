/** The labels of a classifier, and which of their logits is the reward. */
import { z } from 'zod'
import { InferenceError } from '../errors.ts'
import type { ModelFolder } from './folder.ts'

export interface LabelRule {
  /** The name of the label, or `A-B` for a difference. */
  label: string
  /** From the logits [labels] of a sequence. */
  reward: (logits: Float32Array) => number
}

const Labels = z.object({ id2label: z.record(z.string(), z.string()) })

/** `LABEL_0`, `LABEL_1`, … where config.json names none, as in transformers. */
function readLabels(folder: ModelFolder, count: number): string[] {
  const named = Labels.safeParse(folder.config)
  const names = named.success ? named.data.id2label : {}
  return Array.from({ length: count }, (_, index) => names[index] ?? `LABEL_${index}`)
}

/**
 * The rule that is `asked` for: a label's name or index, or two of them with a `-` between, whose
 * logits' difference is the log-odds of one against the other. One label needs no rule. Throws an
 * `InferenceError` that lists the labels when none is asked for and there are several, or it does
 * not fit them.
 */
export function readLabelRule(folder: ModelFolder, count: number, asked?: string): LabelRule {
  const labels = readLabels(folder, count)
  const [first = '', second = ''] = labels
  if (asked === undefined && count === 1) return { label: first, reward: (logits) => at(logits, 0) }
  const place = (name: string) => {
    const named = labels.indexOf(name)
    return named === -1 ? labels.findIndex((_, index) => String(index) === name) : named
  }
  const choose = `Choose in TPO_REWARD_LABEL whose logit is the reward: a name or an index${count > 1 ? `, or a difference such as ${second}-${first}` : ''}`
  const listed = labels.map((label, index) => `${index} ${label}`).join(', ')
  if (asked === undefined) {
    throw new InferenceError(
      'model',
      `${folder.path} is a classifier with ${count} labels (${listed}). ${choose}`,
    )
  }
  const only = place(asked)
  if (only !== -1) return { label: labels[only] ?? asked, reward: (logits) => at(logits, only) }
  // Names may hold a `-` themselves.
  for (let dash = asked.indexOf('-'); dash !== -1; dash = asked.indexOf('-', dash + 1)) {
    const [plus, minus] = [place(asked.slice(0, dash)), place(asked.slice(dash + 1))]
    if (plus === -1 || minus === -1) continue
    return {
      label: `${labels[plus]}-${labels[minus]}`,
      reward: (logits) => at(logits, plus) - at(logits, minus),
    }
  }
  throw new InferenceError(
    'model',
    `${folder.path} has no label ${asked}; it has ${listed}. ${choose}`,
  )
}

const at = (logits: Float32Array, place: number) => logits[place] ?? NaN
